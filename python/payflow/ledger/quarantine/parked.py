"""Parked facts: listed for operators, and taken out of parking without being judged."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from payflow.ledger.quarantine.statements import planned_for_its_filter, statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from asyncpg import Record

    from payflow.ledger.pool import Connection

    FactKey: TypeAlias = tuple[str, str, str]
    """Payment id, source and event id."""
    Place: TypeAlias = tuple[datetime, str, str, str]
    """Where a parked fact stands among all: the time at which it was parked, then its key."""

__all__ = [
    "NEEDS",
    "Overdue",
    "Parked",
    "ParkedFilter",
    "ParkedPage",
    "count_parked",
    "list_parked",
    "list_parked_back",
    "lock_payments",
    "overdue_facts",
    "payload_of",
    "record_fact_action",
    "take_out",
]

NEEDS: Final = MappingProxyType(
    {
        "payment_unknown": "an authorization or a sale, which creates the payment",
        "authorization_unknown": "its authorization, succeeded or not",
        "authorization_not_succeeded": "its authorization to succeed",
        "capture_unknown": "a capture",
        "parent_unknown": "the operation that parent_id names",
        "parent_not_succeeded": "the operation that parent_id names to succeed",
        "capture_exceeds_authorized": "more authorized, or less captured and released, than there is",
        "release_exceeds_authorized": "more authorized, or less captured and released, than there is",
        "adjustment_below_captured": "less captured and released than the new total, or another adjustment",
        "refund_exceeds_captured": "more captured, or less refunded, than there is",
        "reinstatement_exceeds_disputed": "a withdrawal of at least its amount",
    }
)
"""What a fact waits for, in words, by the machine's reason."""

_LIST = statement("parked")
_LIST_BACK = statement("parked_back")
_COUNTED = statement("parked_counted")
_LOCK = statement("lock")
_TAKE_OUT = statement("take_out")
_OVERDUE = statement("overdue")
_PAYLOAD = statement("payload")
_ACT = statement("act")


class ParkedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which parked facts; what is None selects all."""

    payment_id: str | None = None
    source: str | None = None
    event_id: str | None = None
    waits_for: str | None = None
    parked_before: datetime | None = None


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that waits for another one."""

    payment_id: str
    source: str
    event_id: str
    kind: str
    operation_id: str
    parent_id: str | None
    merchant_id: str
    amount_minor: int | None
    currency: str | None
    exponent: int | None
    waits_for: str
    correlation_id: str
    occurred_at: datetime
    parked_at: datetime
    deadline_at: datetime

    @property
    def needs(self) -> str:
        """What it waits for, in words."""
        return NEEDS.get(self.waits_for, self.waits_for)

    @property
    def key(self) -> FactKey:
        """What names it."""
        return self.payment_id, self.source, self.event_id

    @property
    def place(self) -> Place:
        """Where it stands among all."""
        return self.parked_at, *self.key


class ParkedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some parked facts, those that wait longest first."""

    facts: list[Parked]
    more: bool


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """How much has waited for longer than it should."""

    facts: int
    payments: int
    oldest_at: datetime | None
    next_deadline_at: datetime | None


async def list_parked(
    connection: Connection, chosen: ParkedFilter, *, limit: int, behind: Place | None = None
) -> ParkedPage:
    """List one page, those that wait longest first; `behind` is the last place of the page ahead."""
    wanted = (
        *(chosen.payment_id, chosen.source, chosen.event_id, chosen.waits_for, chosen.parked_before),
        *(behind or [None] * 4),
    )
    async with planned_for_its_filter(connection):
        rows = await connection.fetch(_LIST, *wanted, limit + 1)
    return ParkedPage(facts=[Parked(**row) for row in rows[:limit]], more=len(rows) > limit)


async def list_parked_back(
    connection: Connection, chosen: ParkedFilter, *, limit: int, ahead_of: Place
) -> list[Parked]:
    """List facts that have waited longer than one place, the shortest first: the way back through pages."""
    wanted = (
        *(chosen.payment_id, chosen.source, chosen.event_id, chosen.waits_for, chosen.parked_before),
        *ahead_of,
    )
    async with planned_for_its_filter(connection):
        rows = await connection.fetch(_LIST_BACK, *wanted, limit)
    return [Parked(**row) for row in rows]


async def count_parked(connection: Connection, chosen: ParkedFilter, bound: int) -> int:
    """Count parked facts, and stop at a bound."""
    wanted = (chosen.payment_id, chosen.source, chosen.event_id, chosen.waits_for, chosen.parked_before)
    async with planned_for_its_filter(connection):
        counted: int = await connection.fetchval(_COUNTED, *wanted, bound)
    return counted


async def overdue_facts(connection: Connection, parked_before: datetime) -> Overdue:
    """Tell how many facts have waited since before a time."""
    row = await connection.fetchrow(_OVERDUE, parked_before)
    # The statement aggregates over everything, so it always returns one row.
    return Overdue(**(row or {}))


async def payload_of(connection: Connection, key: FactKey) -> bytes | None:
    """Read the event as it came; None when the trail has none of that name."""
    payload: bytes | None = await connection.fetchval(_PAYLOAD, *key)
    return payload


async def lock_payments(connection: Connection, payment_ids: Sequence[str]) -> dict[str, Record]:
    """Lock payments in the order of all workers, and give their rows by id.

    Whoever takes facts out of parking has to hold these locks: a worker changes parked facts by their place.
    """
    # PostgreSQL orders these ids bytewise, and so every lock is taken in the order of `lock.sql`.
    rows = await connection.fetch(_LOCK, sorted(set(payment_ids)))
    return {row["payment_id"]: row for row in rows}


async def take_out(
    connection: Connection,
    facts: Sequence[FactKey],
    verdict: Literal["orphaned", "discarded", "linked"],
    *,
    reason: str | None,
    actor: str,
    now: datetime,
) -> list[Record]:
    """Take facts out of parking whose payments are locked, and write a row of the trail for each.

    A fact that is no longer parked is passed over. Without a `reason` each row says what its fact waited for.

    Returns:
        The facts that left, each with its columns of `parked_events`, the `audit_id` that tells of it, its
        `payload` and `first_recorded_at`.

    """
    columns = [list(column) for column in zip(*facts, strict=True)] if facts else [[], [], []]
    rows: list[Record] = await connection.fetch(_TAKE_OUT, now, actor, verdict, reason, *columns)
    return rows


async def record_fact_action(
    connection: Connection,
    action: Literal["parked_fact.discarded", "parked_fact.linked"],
    key: FactKey,
    *,
    actor: str,
    note: str,
    now: datetime,
) -> None:
    """Record in the trail what an operator did to a parked fact, and why."""
    await connection.execute(_ACT, action, *key, actor, note, now)
