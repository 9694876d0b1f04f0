"""The payment event as the wire has it: the same names, nothing added, nothing renamed."""

from __future__ import annotations

import itertools
import secrets
from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field

__all__ = [
    "AMOUNT_MINOR_MAX",
    "IDENTIFIER_LENGTH_MAX",
    "MONEYLESS_TYPES",
    "Amount",
    "Dispute",
    "DisputeStage",
    "DisputeStatus",
    "EventType",
    "PaymentEvent",
]

EventType = Literal[
    "authorization.requested",
    "authorization.pending",
    "authorization.unknown",
    "authorization.succeeded",
    "authorization.failed",
    "authorization.adjusted",
    "authorization.released",
    "sale.succeeded",
    "capture.pending",
    "capture.succeeded",
    "capture.failed",
    "refund.pending",
    "refund.succeeded",
    "refund.failed",
    "dispute.inquiry",
    "dispute.opened",
    "dispute.updated",
    "dispute.closed",
    "dispute.funds_withdrawn",
    "dispute.funds_reinstated",
    "payment.created",
    "capture.requested",
    "capture.unknown",
    "refund.requested",
    "refund.unknown",
    "release.requested",
    "release.pending",
    "release.unknown",
    "release.failed",
    "cancellation.requested",
    "cancellation.pending",
    "cancellation.unknown",
    "cancellation.succeeded",
    "cancellation.failed",
]

DisputeStage = Literal["inquiry", "chargeback", "pre_arbitration", "arbitration"]
DisputeStatus = Literal["opened", "under_review", "won", "lost", "accepted", "expired", "withdrawn"]

MONEYLESS_TYPES: Final = frozenset(
    {
        "dispute.inquiry",
        "dispute.opened",
        "dispute.updated",
        "dispute.closed",
        "cancellation.requested",
        "cancellation.pending",
        "cancellation.unknown",
        "cancellation.succeeded",
        "cancellation.failed",
    }
)
"""The types that report no movement of money, so that ``amount`` may be absent."""

AMOUNT_MINOR_MAX: Final = 2**53 - 1
"""The largest integer that a browser holds exactly."""

# Lengths, ranges and the two closed sets are checked by the decoder in C while it reads. What it can only do
# with a regular expression (printable text, the alphabet of `source`) or not at all is checked in
# `payflow.decoding`.
IDENTIFIER_LENGTH_MAX: Final = 128

Identifier = Annotated[str, Meta(min_length=1, max_length=IDENTIFIER_LENGTH_MAX)]
Moment = Annotated[datetime, Meta(tz=True)]

# A counter behind a random prefix, in the shape of a UUID. Both parts run in C, only for an event that has
# none.
_process_prefix = secrets.token_hex(10)
_make_correlation_id = map(
    (
        f"{_process_prefix[:8]}-{_process_prefix[8:12]}-{_process_prefix[12:16]}-{_process_prefix[16:]}-%012x"
    ).__mod__,
    itertools.count(),
).__next__


class Amount(Struct, frozen=True, gc=False):
    """Money in integer minor units, never a float."""

    value: Annotated[int, Meta(ge=1, le=AMOUNT_MINOR_MAX)]
    currency: Annotated[str, Meta(min_length=3, max_length=3)]
    exponent: Annotated[int, Meta(ge=0, le=4)]


class Dispute(Struct, frozen=True, gc=False):
    """Where a dispute stands. Only on ``dispute.*``."""

    stage: DisputeStage
    status: DisputeStatus
    due_at: Moment | None = None


class PaymentEvent(Struct, frozen=True, gc=False, kw_only=True):
    """One fact that a provider reports about one payment.

    ``(payment_id, source, event_id)`` names it for ever. A field that is not listed is ignored here and kept
    in the payload. A decoded event has passed every rule of docs/events.md; ``correlation_id`` is never
    empty.
    """

    event_id: Identifier
    source: Annotated[str, Meta(min_length=1, max_length=64)]
    type: EventType
    payment_id: Identifier
    operation_id: Identifier
    merchant_id: Identifier
    occurred_at: Moment
    amount: Amount | None = None
    parent_id: Identifier | None = None
    correlation_id: Identifier = field(default_factory=_make_correlation_id)
    reason: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    dispute: Dispute | None = None
    metadata: dict[str, str | int | float | bool] | None = None
