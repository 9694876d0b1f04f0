"""Messages that wait in the database: taken in before they leave the queue, out after they are back in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from payflow.ledger.deferral.statements import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from payflow.ledger.pool import Connection

__all__ = [
    "Deferred",
    "DeferredRow",
    "Due",
    "Waiting",
    "defer_messages",
    "due_messages",
    "list_deferred",
    "returned_messages",
    "waiting_messages",
]

_DEFER = statement("defer")
_DUE = statement("due")
_RETURNED = statement("returned")
_WAITING = statement("waiting")
_LIST = statement("list")


class DeferredRow(msgspec.Struct, frozen=True, kw_only=True):
    """One message that is to wait here for `delay_s`."""

    message_id: str
    """Under which it was first sent."""
    cause: Literal["long_wait", "receives_spent"]
    """Its wait is long and the budget in flight is used, or SQS would soon dead-letter it by itself."""
    reason: str
    """Kind of the failure, such as `store_refused`."""
    error: str
    """What the failure said."""
    attempts: int
    """Attempts of it that failed so far."""
    receives: int
    """Deliveries of it so far."""
    sent_at_ms: int
    """When it was first sent, milliseconds since the epoch."""
    delay_s: int
    payment_id: str | None
    source: str | None
    event_id: str | None
    correlation_id: str | None
    body: bytes


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A message whose wait is over."""

    deferred_id: int
    revision: int
    message_id: str
    attempts: int
    receives: int
    sent_at_ms: int
    body: bytes


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """All that waits, in sum."""

    messages: int
    overdue: int
    """Part of them whose wait is over."""
    next_due_at: datetime | None
    """When the next wait ends or the longest overdue one has ended; None when nothing waits."""


class Deferred(msgspec.Struct, frozen=True, kw_only=True):
    """A message that waits, without its body."""

    deferred_id: int
    message_id: str
    cause: str
    reason: str
    error: str
    attempts: int
    receives: int
    first_sent_at: datetime
    deferred_at: datetime
    due_at: datetime
    deferred_by: str
    payment_id: str | None
    source: str | None
    event_id: str | None
    correlation_id: str | None
    body_bytes: int


async def defer_messages(
    connection: Connection, queue: str, rows: Sequence[DeferredRow], *, now: datetime, actor: str
) -> None:
    """Take messages in; one that is here already waits anew. Commit before they leave the queue."""
    once = {row.message_id: row for row in rows}
    columns = (
        "message_id", "cause", "reason", "error", "attempts", "receives", "sent_at_ms", "delay_s",
        "payment_id", "source", "event_id", "correlation_id", "body",
    )  # fmt: skip
    values = ([_storable(getattr(row, name)) for row in once.values()] for name in columns)
    await connection.execute(_DEFER, queue, now, actor, *values)


async def due_messages(
    connection: Connection, queue: str, now: datetime, *, limit: int, bytes_max: int
) -> list[Due]:
    """Read what is to be sent, the longest due first; `bytes_max` bounds the bodies, but for a single one."""
    return [Due(**row) for row in await connection.fetch(_DUE, queue, now, limit, bytes_max)]


async def returned_messages(connection: Connection, sent: Sequence[Due]) -> int:
    """Take out what was sent; return how many left. One that was deferred again meanwhile stays."""
    ids, revisions = [due.deferred_id for due in sent], [due.revision for due in sent]
    done = await connection.execute(_RETURNED, ids, revisions)
    return int(done.rpartition(" ")[2])


async def waiting_messages(connection: Connection, queue: str, now: datetime) -> Waiting:
    """Count what waits."""
    row = await connection.fetchrow(_WAITING, queue, now)
    return Waiting(**(row or {}))


async def list_deferred(
    connection: Connection, queue: str, *, limit: int, behind: tuple[datetime, int] | None = None
) -> list[Deferred]:
    """List one page, the next due first; `behind` is the time and the id that end the page before."""
    due_at, deferred_id = behind or (None, None)
    return [Deferred(**row) for row in await connection.fetch(_LIST, queue, due_at, deferred_id, limit)]


def _storable(value: str | bytes | int | None) -> str | bytes | int | None:
    """PostgreSQL has no U+0000 in text, and a hostile body may bring one into an id or an error."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value
