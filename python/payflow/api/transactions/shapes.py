"""Transactions on the wire. Amounts are minor units of the payment's currency."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Raw, Struct, field

from payflow.api.routing.listing import ListQuery
from payflow.api.routing.values import AmountMinor, Currency, Identifier, Instant, RowId, SumMinor

Status = Literal[
    "created",
    "pending",
    "requires_action",
    "authorized",
    "partially_captured",
    "captured",
    "partially_refunded",
    "refunded",
    "voided",
    "expired",
    "failed",
]
DisputeStatus = Literal["none", "inquiry", "open", "under_review", "won", "lost"]
CommandName = Literal["capture", "void", "refund", "cancel"]
CommandState = Literal["requested", "sent", "unknown", "succeeded", "failed"]
Sort = Literal["created_at", "-created_at", "updated_at", "-updated_at", "amount_minor", "-amount_minor"]

PaymentId = Annotated[str, Meta(min_length=1, max_length=128, examples=["pay_01JD3Z0K2A"])]
Reason = Annotated[
    str, Meta(min_length=1, max_length=64, description="Why, in up to 64 printable characters.")
]
Metadata = Annotated[
    dict[str, str | int | float | bool],
    Meta(description="Strings, numbers and booleans, at most 4 KiB as compact JSON."),
]


class Sums(Struct, frozen=True, kw_only=True):
    """What the payment's operations amount to."""

    authorized_minor: int
    released_minor: int
    captured_minor: int
    capture_failed_minor: int
    refunded_minor: int
    disputed_minor: int
    capture_pending_minor: int
    refund_pending_minor: int
    release_pending_minor: int
    capturable_minor: int
    """What a capture or a void may still take, holds taken off; negative after an overcapture."""
    refundable_minor: int
    """What a refund may still return, holds and disputed money taken off; negative when too much is back."""
    over_returned_minor: int
    """How much more went back than was captured."""


class Transaction(Struct, frozen=True, kw_only=True):
    """A payment."""

    payment_id: str
    merchant_id: str | None
    """None while the row only anchors facts that wait."""
    source: str | None
    currency: str | None
    exponent: int
    amount_minor: int
    """What is authorized, else the largest attempt, else what the payment was created for."""
    status: Status
    dispute_status: DisputeStatus
    sums: Sums
    version: int
    """Facts and edits so far; the ETag of the detail."""
    metadata: dict[str, Any] | None
    created_at: Instant
    updated_at: Instant
    archived: bool
    open_alerts: int


class Operation(Struct, frozen=True, kw_only=True):
    """One authorization, capture, refund, release, dispute or other operation of a payment."""

    source: str
    kind: str
    operation_id: str
    parent_id: str | None
    state: str
    amount_minor: int
    reason: str | None
    occurred_at: Instant
    recorded_at: Instant


class TimelineEntry(Struct, frozen=True, kw_only=True):
    """One thing that happened to a payment: a delivery, a command, or what an operator did."""

    audit_id: RowId
    action: str
    """`event`, `command`, or the operator's action such as `payment.archived`."""
    source: str | None
    event_id: str | None
    type: str | None
    verdict: str | None
    reason: str | None
    from_status: str | None
    to_status: str | None
    version: int | None
    actor: str
    correlation_id: str | None
    occurred_at: Instant | None
    recorded_at: Instant
    rejudged: bool
    """Whether this is no delivery: the fact had been parked and was judged again."""
    note: str | None
    payload: Annotated[Raw, Meta(extra_json_schema={"type": "object"})] | None
    """The event as it came; of later sights of the same event there is none."""


class WaitingFact(Struct, frozen=True, kw_only=True):
    """A fact that waits for another one."""

    payment_id: str
    source: str
    event_id: str
    type: str
    operation_id: str
    amount_minor: int | None
    reason: str
    waiting_for: str
    occurred_at: Instant
    parked_at: Instant
    deadline_at: Instant


class PaymentAlert(Struct, frozen=True, kw_only=True):
    """An alert about a payment, in brief."""

    alert_id: RowId
    severity: str
    status: str
    title: str
    payment_id: str | None
    event_id: str | None
    created_at: Instant


class PaymentLetter(Struct, frozen=True, kw_only=True):
    """A delivery about a payment that no retry can help, in brief."""

    dead_letter_id: RowId
    verdict: str
    reason: str
    status: str
    source: str | None
    event_id: str | None
    recorded_at: Instant


class Command(Struct, frozen=True, kw_only=True):
    """What an operator asked for; its state follows from its operation."""

    command_id: str
    kind: CommandName
    payment_id: str
    operation_id: str
    amount_minor: int | None
    state: CommandState
    reason: str | None
    requested_by: str
    requested_at: Instant
    updated_at: Instant


class TransactionDetail(Transaction, frozen=True, kw_only=True):
    """A payment with all that is known of it; lists hold the newest 200 entries."""

    operations: list[Operation]
    timeline: list[TimelineEntry]
    parked: list[WaitingFact]
    alerts: list[PaymentAlert]
    dead_letters: list[PaymentLetter]
    commands: list[Command]
    allowed_commands: list[CommandName]
    refusals: dict[str, str]
    """Why each of the other commands is refused now."""


class SumChange(Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """One sum before and after a command."""

    before: int
    after: int


class CommandOutcome(Struct, frozen=True, kw_only=True):
    """What a command did, or would do."""

    command: Command | None
    """None on a dry run."""
    transaction: Transaction
    changes: dict[str, SumChange]
    dry_run: bool
    allowed_commands: list[CommandName]


class TransactionsQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Filters and order of the list."""

    sort: Sort = "-created_at"
    merchant_id: Identifier | None = None
    status: Annotated[list[Status], Meta(min_length=1, max_length=11)] | None = None
    dispute_status: Annotated[list[DisputeStatus], Meta(min_length=1, max_length=6)] | None = None
    currency: Annotated[list[Currency], Meta(min_length=1, max_length=20)] | None = None
    amount_min_minor: SumMinor | None = None
    amount_max_minor: SumMinor | None = None
    created_from: Instant | None = None
    created_to: Instant | None = None
    """Exclusive, so that neighbouring ranges share nothing."""
    source: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    text: (
        Annotated[
            str,
            Meta(
                min_length=2,
                max_length=128,
                description="Begin of a payment's or an operation's id; else searched for in metadata, ten "
                "thousand payments a page, so that a page may be short and still have a next one.",
            ),
        ]
        | None
    ) = None
    archived: Literal["false", "true", "all"] = "false"


class TimelineQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The page of a timeline; always the newest first."""


class CommandQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether to do it."""

    dry_run: Annotated[bool, Meta(description="Say what it would do, and do nothing.")] = False


class CommandBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A capture, void or refund."""

    amount_minor: AmountMinor | None = None
    """All that is left, without."""
    reason: Reason | None = None


class CancelBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cancellation."""

    reason: Reason | None = None


class NewTransaction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment before anything was attempted."""

    merchant_id: Annotated[str, Meta(min_length=1, max_length=128)]
    amount_minor: AmountMinor
    """What it is for."""
    currency: Currency
    exponent: Annotated[int, Meta(ge=0, le=4)] | None = None
    """The source's for the currency, without; another one is refused."""
    payment_id: PaymentId | None = None
    """Made here, without."""
    source: Annotated[str, Meta(pattern="^[a-z0-9_-]{1,64}$")] = "api"
    """Who will report on it; `api` where nobody is known yet."""
    metadata: Metadata | None = None


class MetadataPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Metadata to be instead of the one there; null takes it away."""

    metadata: Metadata | None = field()
