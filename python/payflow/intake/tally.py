"""What the plain intake counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Literal, TypeAlias

from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's name
    NoCredentialsError,
    ReadTimeoutError,
)

from payflow.intake.contract import IntakeTimings
from payflow.telemetry.buckets import LAG_BOUNDS_S, MARGIN_BOUNDS_S, Buckets

if TYPE_CHECKING:
    from payflow.telemetry.stages import Attempt

__all__ = ["CallFamily", "Tally", "kind_of"]

CallFamily: TypeAlias = Literal["receive", "delete", "other"]


class Tally:
    """Counters since the start; names are those of `IntakeStats`."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.margin_min_ms: int | None = None
        self._margins = Buckets(MARGIN_BOUNDS_S)
        self._acknowledge: dict[Attempt, Buckets] = {
            "first": Buckets(LAG_BOUNDS_S),
            "again": Buckets(LAG_BOUNDS_S),
        }

    def failed(self, calls: CallFamily, error: BaseException) -> None:
        """Count a failed call among its like, and by the kind of its failure."""
        self.counts[f"{calls}_calls_failed"] += 1
        self.errors[kind_of(error)] += 1

    def margin(self, left_s: float) -> None:
        """Note the time that was left when an extension succeeded."""
        self._margins.observe(max(0.0, left_s))
        left_ms = max(0, int(left_s * 1e3))
        self.margin_min_ms = left_ms if self.margin_min_ms is None else min(left_ms, self.margin_min_ms)

    def acknowledged(self, took_s: float, *, first: bool) -> None:
        """Note how long SQS took to take a delete, from the decision on."""
        self._acknowledge["first" if first else "again"].observe(took_s)

    def timings(self) -> IntakeTimings:
        """Give the durations so far."""
        return IntakeTimings(
            acknowledge={attempt: buckets.read() for attempt, buckets in self._acknowledge.items()},
            extension_margin=self._margins.read(),
        )


def kind_of(error: BaseException) -> str:
    """Return the name that a failure is counted by: the SQS code, or the kind of the local failure."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "protocol"))
    if isinstance(error, TimeoutError | asyncio.TimeoutError | ReadTimeoutError):
        return "deadline"
    if isinstance(error, NoCredentialsError):
        return "credentials"
    return "connect" if isinstance(error, ConnectionError) else "protocol"
