"""What a condition may read, with a word on each field: for editors and for people."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from payflow._native import rule_fields

__all__ = ["FieldOfRules", "vocabulary"]

_EVENT: Final = MappingProxyType(
    {
        "id": "the event's id, as its source chose it",
        "source": "who sent it",
        "type": "what happened",
        "payment_id": "the payment that it is about",
        "operation_id": "the provider's reference for the authorization, capture, refund, release or dispute",
        "merchant_id": "whose payment it is",
        "parent_id": 'the operation that this one acts on; "" where the event names none',
        "amount_minor": "the amount in minor units; 0 where the event moves no money",
        "currency": 'ISO 4217; "" where the event moves no money',
        "exponent": "decimal places of the amount",
        "occurred_at": "when it happened, in UTC",
        "reason": 'why, as its source says it; "" where it does not',
        "dispute_stage": 'stage of a dispute; "" for other events',
        "dispute_status": 'what became of a dispute; "" for other events',
    }
)
_PAYMENT: Final = MappingProxyType(
    {
        "merchant_id": "whose payment it is",
        "currency": "ISO 4217, fixed when the payment is created",
        "exponent": "decimal places of its amounts",
        "authorized_minor": "authorized in all",
        "released_minor": "of it, released again",
        "captured_minor": "captured in all",
        "capture_failed_minor": "captures that failed",
        "refunded_minor": "refunded in all",
        "disputed_minor": "withdrawn by disputes, less reinstated",
        "capture_pending_minor": "captures that are under way",
        "refund_pending_minor": "refunds that are under way",
        "release_pending_minor": "releases that are under way",
        "capturable_minor": "what can still be captured",
        "refundable_minor": "what can still be refunded",
        "over_returned_minor": "what went back beyond the captures",
        "status": 'where the payment stands; "" before it exists',
        "dispute_status": "how its disputes stand",
        "version": "how many facts were applied to it",
    }
)
_TOP: Final = MappingProxyType(
    {
        "verdict": "what came of the delivery; name it, or duplicates and refused deliveries match too",
        "reason": "why the verdict is what it is",
    }
)


@dataclass(frozen=True, slots=True)
class FieldOfRules:
    """One field that a condition may read; ``words`` are those that it may hold, if they are known."""

    name: str
    type: str
    description: str
    words: list[str]


def vocabulary() -> list[FieldOfRules]:
    """List the fields, as they are written in a condition."""
    return [FieldOfRules(name, kind, _described(name), words) for name, kind, words in rule_fields()]


def _described(name: str) -> str:
    variable, _, field = name.partition(".")
    if variable == "event":
        return _EVENT[field]
    if variable == "payment":
        return f"{_PAYMENT[field]}, after the event"
    if variable == "before":
        return f"{_PAYMENT[field]}, before the event"
    return _TOP[variable]
