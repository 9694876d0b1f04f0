"""Why a body is no payment event: a stable slug, the JSON path at fault, and the rule in words."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

__all__ = ["Malformed", "Reason"]


class Reason(StrEnum):
    """Every reason that decoding gives. The slugs are stored, filtered and counted: they stay."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    TOO_DEEP = "too_deep"
    MISSING_FIELD = "missing_field"
    INVALID_FIELD = "invalid_field"
    NOT_PRINTABLE = "not_printable"
    UNKNOWN_TYPE = "unknown_type"
    INVALID_AMOUNT = "invalid_amount"
    MISSING_AMOUNT = "missing_amount"
    UNKNOWN_CURRENCY = "unknown_currency"
    WRONG_EXPONENT = "wrong_exponent"
    INVALID_TIME = "invalid_time"
    IN_THE_FUTURE = "in_the_future"
    MISSING_DISPUTE = "missing_dispute"
    MISPLACED_DISPUTE = "misplaced_dispute"
    METADATA_TOO_LARGE = "metadata_too_large"
    ENVELOPE_INVALID = "envelope_invalid"
    ENVELOPE_CONFLICT = "envelope_conflict"
    ENVELOPE_NESTED = "envelope_nested"


class Malformed(Struct, frozen=True, kw_only=True):
    """One body that is no payment event.

    ``index`` is its position in the batch. The identifiers are those that could be read; each is either
    absent or obeys its rule, so it can be stored and shown. ``rule`` never holds a control character.
    """

    index: int
    reason: Reason
    path: str
    rule: str
    event_id: str | None = None
    source: str | None = None
    payment_id: str | None = None
    correlation_id: str | None = None
