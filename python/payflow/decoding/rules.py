"""The rules that the JSON decoder can't check while it reads, and the text of those that it can."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from payflow.decoding.malformed import Reason
from payflow.errors import MalformedEvent
from payflow.events import MONEYLESS_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payflow.events import PaymentEvent

__all__ = [
    "METADATA_BYTES_MAX",
    "RULES",
    "TIME_MIN",
    "broken_by_shape",
    "check_amount",
    "check_dispute",
    "check_metadata",
    "check_text",
    "check_time",
]

METADATA_BYTES_MAX: Final = 4 * 1024
DISPUTE_REQUIRED: Final = frozenset({"dispute.updated", "dispute.closed"})
"""The types that say nothing without a dispute."""

TIME_MIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A year below the last that `datetime` holds, so that no change of offset overflows.
TIME_MAX: Final = datetime(9999, 1, 1, tzinfo=UTC)

_PRINTABLE: Final = (
    "printable characters only: no control, format, private or unassigned code points, no space "
    "but U+0020: send the identifier as the provider shows it"
)
_IDENTIFIER: Final = (
    "must be text of 1 to 128 printable characters: send the provider's identifier, shortened or hashed"
)

RULES: Final = {
    "event_id": _IDENTIFIER,
    "source": "must be text of 1 to 64 of a-z, 0-9, _ and -: send the name in the sources file",
    "type": "must be one of the event types of docs/events.md: correct the name or leave the event out",
    "payment_id": _IDENTIFIER,
    "operation_id": _IDENTIFIER,
    "merchant_id": _IDENTIFIER,
    "parent_id": _IDENTIFIER,
    "correlation_id": _IDENTIFIER,
    "occurred_at": "must be RFC 3339 text with an offset, such as 2026-11-22T10:00:00Z: add what is missing",
    "amount": "must be an object of value, currency and exponent: send all three",
    "amount.value": "must be an integer of minor units from 1 to 9007199254740991: send 10.50 EUR as 1050",
    "amount.currency": "must be an ISO 4217 code of three capitals: send EUR, not eur or a symbol",
    "amount.exponent": "must be an integer from 0 to 4: send the decimal places of the source's minor unit",
    "reason": "must be text of 1 to 64 printable characters: send a code, and keep prose in metadata",
    "dispute": "must be an object of stage and status: send both",
    "dispute.stage": "must be inquiry, chargeback, pre_arbitration or arbitration: map the provider's stage",
    "dispute.status": (
        "must be opened, under_review, won, lost, accepted, expired or withdrawn: map the provider's status"
    ),
    "dispute.due_at": "must be RFC 3339 text with an offset, from 1970 to 9998: correct or remove it",
    "metadata": "must be an object of strings, numbers and booleans: flatten it and leave nulls out",
}


def broken_by_shape(error: msgspec.ValidationError) -> MalformedEvent:
    """Tell in our words what the JSON decoder found: a missing field, a wrong type, a length or a range."""
    said, _, at = str(error).partition(" - at `")
    path = at.removesuffix("`") or "$"
    missing = said.removeprefix("Object missing required field `")
    if missing != said:
        path = f"{path}.{missing.removesuffix('`')}"
        field = path.removeprefix("$.")
        return MalformedEvent(Reason.MISSING_FIELD, path, f"{field} is required and {RULES[field]}")
    if path == "$":
        return MalformedEvent(
            Reason.NOT_AN_OBJECT, path, "the event must be a JSON object: send one event a message"
        )
    # The decoder writes `[...]` for a key that it can't name.
    field = path.removeprefix("$.").partition("[")[0]
    return MalformedEvent(_reason_of(field, said), path, f"{field} {RULES[field]}")


def _reason_of(field: str, said: str) -> Reason:
    if field == "type" and said.startswith("Invalid enum value"):
        return Reason.UNKNOWN_TYPE
    if field in {"amount.value", "amount"}:
        return Reason.INVALID_AMOUNT
    if field == "amount.currency" and said.startswith("Expected `str` of length"):
        return Reason.UNKNOWN_CURRENCY
    if field == "occurred_at":
        return Reason.INVALID_TIME
    return Reason.INVALID_FIELD


def check_text(event: PaymentEvent) -> None:
    """Refuse identifiers that can't be shown, and text that PostgreSQL can't store.

    Raises:
        MalformedEvent: with the first field at fault.

    """
    for name in (
        "event_id",
        "payment_id",
        "operation_id",
        "merchant_id",
        "parent_id",
        "correlation_id",
        "reason",
    ):
        text = getattr(event, name)
        if text is not None and not text.isprintable():
            raise MalformedEvent(Reason.NOT_PRINTABLE, f"$.{name}", f"{name} must be {_PRINTABLE}")
    for key, value in (event.metadata or {}).items():
        if "\0" in key or (isinstance(value, str) and "\0" in value):
            raise MalformedEvent(
                Reason.NOT_PRINTABLE,
                "$.metadata",
                "metadata must not hold U+0000, which can't be stored: remove the character",
            )


def check_amount(event: PaymentEvent, exponents: Mapping[str, int]) -> None:
    """Refuse money in a unit that the source does not use. Nothing is converted and nothing is guessed.

    Raises:
        MalformedEvent: when the amount is missing, or its currency or exponent is not the source's.

    """
    amount = event.amount
    if amount is None:
        if event.type not in MONEYLESS_TYPES:
            raise MalformedEvent(
                Reason.MISSING_AMOUNT,
                "$.amount",
                f"amount is required on {event.type}: send value, currency, exponent",
            )
        return
    exponent = exponents.get(amount.currency)
    if exponent is None:
        raise MalformedEvent(
            Reason.UNKNOWN_CURRENCY,
            "$.amount.currency",
            f"amount.currency {RULES['amount.currency']}; {amount.currency!a} is not one",
        )
    if exponent != amount.exponent:
        raise MalformedEvent(
            Reason.WRONG_EXPONENT,
            "$.amount.exponent",
            f"amount.exponent must be {exponent}, which {event.source} uses for {amount.currency}, and not "
            f"{amount.exponent}: send the amount in that unit, or correct the source's exponents",
        )


def check_time(event: PaymentEvent, latest: datetime) -> None:
    """Refuse moments that no clock of a provider shows.

    Raises:
        MalformedEvent: when it lies before 1970 or after ``latest``.

    """
    if event.occurred_at < TIME_MIN:
        raise MalformedEvent(
            Reason.INVALID_TIME,
            "$.occurred_at",
            "occurred_at must not lie before 1970: send the time at which the provider saw it",
        )
    if event.occurred_at > latest:
        raise MalformedEvent(
            Reason.IN_THE_FUTURE,
            "$.occurred_at",
            "occurred_at must not lie more than 24 h in the future: correct the sender's clock or offset",
        )


def check_dispute(event: PaymentEvent) -> None:
    """Refuse a dispute where none belongs, and its absence where it says all.

    Raises:
        MalformedEvent: when it is misplaced, missing or due at an impossible time.

    """
    dispute = event.dispute
    if dispute is None:
        if event.type in DISPUTE_REQUIRED:
            raise MalformedEvent(
                Reason.MISSING_DISPUTE,
                "$.dispute",
                f"dispute is required on {event.type}: send stage and status",
            )
        return
    if not event.type.startswith("dispute."):
        raise MalformedEvent(
            Reason.MISPLACED_DISPUTE,
            "$.dispute",
            f"dispute is allowed on dispute.* only: remove it from {event.type}",
        )
    if dispute.due_at is not None and not TIME_MIN <= dispute.due_at < TIME_MAX:
        raise MalformedEvent(
            Reason.INVALID_FIELD, "$.dispute.due_at", f"dispute.due_at {RULES['dispute.due_at']}"
        )


def check_metadata(event: PaymentEvent) -> None:
    """Refuse metadata above its size, counted as compact JSON.

    Raises:
        MalformedEvent: when it is larger than 4 KiB.

    """
    if len(msgspec.json.encode(event.metadata)) > METADATA_BYTES_MAX:
        raise MalformedEvent(
            Reason.METADATA_TOO_LARGE,
            "$.metadata",
            "metadata must be at most 4096 bytes as compact JSON: keep the rest elsewhere and send its key",
        )
