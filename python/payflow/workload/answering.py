"""A provider that carries commands out: what it answers, and when. Mostly as asked, now and then not."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from payflow.workload.chance import Weighted

if TYPE_CHECKING:
    from payflow.workload.draft import Fact

__all__ = ["Answer", "answers"]

FAILED_SHARE: Final = 0.08
PENDING_SHARE: Final = 0.3
SILENT_SHARE: Final = 0.01
"""Commands that nobody ever answers: they become unknown."""
DELAY_MEAN_S: Final = 1.0

_SUCCESS: Final = {
    "capture": "capture.succeeded",
    "void": "authorization.released",
    "refund": "refund.succeeded",
    "cancel": "cancellation.succeeded",
}
_KIND: Final = {"capture": "capture", "void": "release", "refund": "refund", "cancel": "cancellation"}
_FAILURES: Final = Weighted({"insufficient_balance": 40.0, "authorization_expired": 30.0, "refused": 30.0})


class Answer(NamedTuple):
    """One fact that answers a command, and how long after it was asked for."""

    delay_s: float
    fact: Fact


def answers(command: dict[str, Any], seed: int) -> list[Answer]:
    """Give the facts that answer a command, in the order of their delays.

    They carry the operation id that the command came with, which is what makes them answers: they raise the
    very operation that holds the amount. Everything in them follows from the command and the seed, so that a
    command which arrives twice is answered with the same events.
    """
    random = Random(f"{seed}/{command['command_id']}")  # noqa: S311 - it plays a provider
    if random.random() < SILENT_SHARE:
        return []
    name, delay_s = command["command"], DELAY_MEAN_S * (0.5 + random.random())
    told = []
    if random.random() < PENDING_SHARE:
        told.append(Answer(delay_s / 2, _fact(command, delay_s / 2, f"{_KIND[name]}.pending", "pending")))
    if random.random() < FAILED_SHARE:
        fact = _fact(command, delay_s, f"{_KIND[name]}.failed", "failed") | {"reason": _FAILURES.draw(random)}
        return [*told, Answer(delay_s, fact)]
    fact = _fact(command, delay_s, _SUCCESS[name], "done")
    if name == "void":
        fact["reason"] = "voided"
    told.append(Answer(delay_s, fact))
    if name == "cancel":
        told += [Answer(delay_s, _declined(command, delay_s, attempt)) for attempt in command["acts_on"]]
    return told


def _fact(command: dict[str, Any], delay_s: float, kind: str, suffix: str) -> Fact:
    """Return a fact about the command's own operation."""
    asked_at = datetime.fromisoformat(command["requested_at"])
    fact: Fact = {
        "event_id": f"{command['command_id']}-{suffix}",
        "source": command["source"],
        "type": kind,
        "payment_id": command["payment_id"],
        "operation_id": command["operation_id"],
        "merchant_id": command["merchant_id"],
        "correlation_id": command["correlation_id"],
        "occurred_at": (asked_at + timedelta(seconds=delay_s)).isoformat(),
    }
    if "amount" in command:
        fact["amount"] = command["amount"]
    if command["acts_on"]:
        fact["parent_id"] = command["acts_on"][0]["operation_id"]
    return fact


def _declined(command: dict[str, Any], delay_s: float, attempt: dict[str, Any]) -> Fact:
    """Return the end of an attempt that a cancellation brings about."""
    return {
        **_fact({**command, "acts_on": []}, delay_s, "authorization.failed", attempt["operation_id"][-32:]),
        "operation_id": attempt["operation_id"],
        "amount": {
            "value": attempt["amount_minor"],
            "currency": command["currency"],
            "exponent": command["exponent"],
        },
        "reason": "cancelled",
    }
