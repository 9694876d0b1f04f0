"""Intake: batches of deliveries in, one decision for each delivery out."""

from __future__ import annotations

from typing import Literal

from payflow.intake.contract import Batch, DeadLetter, Intake, IntakeStats, StopReport
from payflow.intake.options import IntakeOptions, StaticKey

__all__ = [
    "Batch",
    "DeadLetter",
    "Intake",
    "IntakeOptions",
    "IntakeStats",
    "StaticKey",
    "StopReport",
    "open_intake",
]


def open_intake(options: IntakeOptions, transport: Literal["native", "aioboto3"] = "native") -> Intake:
    """Return an intake that is not started yet. Each transport is imported only if it is asked for."""
    if transport == "native":
        from payflow.intake.native import NativeIntake  # noqa: PLC0415

        return NativeIntake(options)
    from payflow.intake.aioboto3_intake import Aioboto3Intake  # noqa: PLC0415

    return Aioboto3Intake(options)
