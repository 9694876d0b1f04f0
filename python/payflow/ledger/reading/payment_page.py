"""Everything that is known of one payment, for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from payflow.ledger.derived_sums import derived_sums

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from payflow.ledger.pool import Connection

__all__ = [
    "AlertEntry",
    "DeadLetterEntry",
    "Delivery",
    "OperationEntry",
    "ParkedFact",
    "PaymentPage",
    "Sums",
    "read_payment",
]

_SQL = files("payflow.ledger.reading") / "sql" / "payment"


def _statement(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text()


_PAYMENT = _statement("payment")
_OPERATIONS = _statement("operations")
_TIMELINE = _statement("timeline")
_PARKED = _statement("parked")
_ALERTS = _statement("alerts")
_DEAD_LETTERS = _statement("dead_letters")


@dataclass(frozen=True)
class Sums:
    """Minor units of the payment's currency (docs/payment-machine.md has the letters)."""

    authorized_minor: int
    released_minor: int
    captured_minor: int
    capture_failed_minor: int
    refunded_minor: int
    disputed_minor: int
    capture_pending_minor: int
    refund_pending_minor: int
    release_pending_minor: int
    overcapture_allowance_minor: int

    @property
    def capturable_minor(self) -> int:
        """What a capture or a void may still take; negative after an overcapture."""
        return derived_sums(asdict(self))["capturable_minor"]

    @property
    def refundable_minor(self) -> int:
        """What a refund command may still return; negative when too much has gone back."""
        return derived_sums(asdict(self))["refundable_minor"]

    @property
    def over_returned_minor(self) -> int:
        """How much more has gone back than was captured."""
        return derived_sums(asdict(self))["over_returned_minor"]


@dataclass(frozen=True)
class OperationEntry:
    """One operation."""

    source: str
    kind: str
    operation_id: str
    parent_id: str | None
    state: str
    rank: int
    amount_minor: int
    reason: str | None
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Delivery:
    """One row of the trail: a delivery, or a parked fact that was judged again."""

    audit_id: int
    source: str
    event_id: str
    type: str
    first_audit_id: int | None
    """The event's first sight, where this is not it."""
    verdict: str
    reason: str
    from_status: str | None
    to_status: str | None
    version: int | None
    actor: str
    correlation_id: str | None
    occurred_at: datetime | None
    recorded_at: datetime
    rejudged: bool
    """Whether this is no delivery: the fact had been parked and was judged again."""


@dataclass(frozen=True)
class ParkedFact:
    """A fact that waits for another one."""

    source: str
    event_id: str
    type: str
    operation_id: str
    amount_minor: int | None
    currency: str | None
    exponent: int | None
    waits_for: str
    occurred_at: datetime
    parked_at: datetime
    deadline_at: datetime


@dataclass(frozen=True)
class AlertEntry:
    """An alert on this payment: raised by a rule, or made by hand and then without an event."""

    alert_id: int
    severity: str
    rule: str
    """The rule's name, or the title of one made by hand."""
    source: str | None
    event_id: str | None
    verdict: str | None
    reason: str | None
    status: str
    assignee: str | None
    created_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True)
class DeadLetterEntry:
    """A delivery about this payment that no retry can help."""

    dead_letter_id: int
    klass: str
    reason: str
    path: str | None
    rule: str | None
    source: str | None
    event_id: str | None
    message_id: str
    receive_count: int
    recorded_at: datetime


@dataclass(frozen=True)
class PaymentPage:
    """One payment. Lists hold the newest entries in order; the totals say how many there are."""

    payment_id: str
    merchant_id: str | None
    source: str | None
    currency: str | None
    """None while the row only anchors facts that wait."""
    exponent: int
    status: str
    dispute_status: str
    version: int
    sums: Sums
    metadata: str | None
    created_at: datetime
    updated_at: datetime
    operations: list[OperationEntry]
    operations_total: int
    timeline: list[Delivery]
    timeline_total: int
    parked: list[ParkedFact]
    parked_total: int
    alerts: list[AlertEntry]
    alerts_total: int
    dead_letters: list[DeadLetterEntry]
    dead_letters_total: int


async def read_payment(
    connection: Connection, payment_id: str, *, entries_max: int = 200
) -> PaymentPage | None:
    """Read one payment; None when the books don't have it.

    Each list is bounded, because a payment may have been delivered any number of times.
    """
    row = await connection.fetchrow(_PAYMENT, payment_id)
    if row is None:
        return None

    async def entries(statement: str) -> tuple[list[dict[str, Any]], int]:
        return _newest_last(await connection.fetch(statement, payment_id, entries_max))

    operations, operations_total = await entries(_OPERATIONS)
    timeline, timeline_total = await entries(_TIMELINE)
    parked, parked_total = await entries(_PARKED)
    alerts, alerts_total = await entries(_ALERTS)
    dead_letters, dead_letters_total = await entries(_DEAD_LETTERS)
    payment = dict(row)
    sums = Sums(**{name: payment.pop(name) for name in Sums.__dataclass_fields__})
    return PaymentPage(
        **payment,
        sums=sums,
        operations=[OperationEntry(**entry) for entry in operations],
        operations_total=operations_total,
        timeline=[Delivery(**entry) for entry in timeline],
        timeline_total=timeline_total,
        parked=[ParkedFact(**entry) for entry in parked],
        parked_total=parked_total,
        alerts=[AlertEntry(**entry) for entry in alerts],
        alerts_total=alerts_total,
        dead_letters=[DeadLetterEntry(**entry) for entry in dead_letters],
        dead_letters_total=dead_letters_total,
    )


def _newest_last(rows: Sequence[Any]) -> tuple[list[dict[str, Any]], int]:
    """Turn rows, newest first and each with the total, into entries in order and their total."""
    total = rows[0]["total"] if rows else 0
    return [{name: value for name, value in row.items() if name != "total"} for row in reversed(rows)], total
