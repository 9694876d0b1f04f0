"""The outbox: commands that were taken, on their way to whoever carries them out.

What becomes of a command is the state of its operation, which the provider's facts raise. The outbox only
keeps what is left to do for it: sending, and asking once whether anybody has said anything.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from payflow import _native
    from payflow.ledger.commands.machinery import Machinery
    from payflow.ledger.pool import Connection

_SQL: Final = files("payflow.ledger.commands") / "sql"
_DUE: Final = (_SQL / "due.sql").read_text()
_SETTLE: Final = (_SQL / "settle.sql").read_text()
_OVERDUE: Final = (_SQL / "overdue.sql").read_text()
_LOOKED_AT: Final = (_SQL / "looked_at.sql").read_text()
_STATE: Final = (_SQL / "operation_state.sql").read_text()


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A command to send."""

    command_id: str
    message: str
    attempts: int
    """Sends that could not be confirmed."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one send."""

    command_id: str
    again_at: datetime | None
    """None when the queue has it."""
    error: str | None


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """A command of which an answer was due."""

    command_id: str
    payment_id: str
    command: str
    source: str
    kind: str
    operation_id: str
    amount_minor: int | None
    correlation_id: str


async def due_commands(connection: Connection, now: datetime, limit: int) -> list[Due]:
    """List commands to send, those that wait longest first."""
    return [Due(**row) for row in await connection.fetch(_DUE, now, limit)]


async def settle(connection: Connection, attempts: Sequence[Attempt], now: datetime) -> None:
    """Note what came of sends. If this is lost, the commands are sent again, which their adapter ignores."""
    columns = (
        [attempt.command_id for attempt in attempts],
        [attempt.again_at for attempt in attempts],
        [attempt.error for attempt in attempts],
    )
    await connection.execute(_SETTLE, now, *columns)


async def overdue_commands(connection: Connection, now: datetime, limit: int) -> list[Overdue]:
    """List commands of which an answer was due."""
    return [Overdue(**row) for row in await connection.fetch(_OVERDUE, now, limit)]


async def give_up_waiting(
    connection: Connection, machinery: Machinery, overdue: Overdue, rules: _native.RuleSet, actor: str
) -> bool:
    """Make a command's operation unknown if nobody has said anything of it; its hold is kept.

    Whatever the provider says later raises the operation as ever: unknown is below every answer.

    Returns:
        Whether it became unknown; if not, it was answered.

    """
    async with connection.transaction():
        locked = await machinery.lock(connection, overdue.payment_id)
        state = await connection.fetchval(
            _STATE, overdue.payment_id, overdue.source, overdue.kind, overdue.operation_id
        )
        standing = locked.standing
        silent = state == "requested" and standing is not None
        if silent and standing is not None:
            event: dict[str, object] = {
                "event_id": f"{overdue.command_id}-unknown",
                "source": overdue.source,
                "type": f"{overdue.kind}.unknown",
                "payment_id": overdue.payment_id,
                "operation_id": overdue.operation_id,
                "merchant_id": standing.merchant_id,
                "occurred_at": machinery.clock(),
                "correlation_id": overdue.correlation_id,
                "reason": "no_answer",
            }
            if overdue.amount_minor is not None:
                event["amount"] = {
                    "value": overdue.amount_minor,
                    "currency": standing.currency,
                    "exponent": standing.exponent,
                }
            await locked.apply(event, rules, actor)
        await connection.execute(_LOOKED_AT, overdue.command_id)
    return silent
