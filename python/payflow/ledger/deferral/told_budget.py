"""What a worker last saw of a queue's budget in flight, for those who have no trend of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from payflow.ledger.deferral.statements import statement

if TYPE_CHECKING:
    from datetime import datetime

    from payflow.ledger.pool import Connection

__all__ = ["ToldBudget", "read_budget", "tell_budget"]

_TELL = statement("tell_budget")
_READ = statement("budget")


class ToldBudget(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what SQS lets one queue have in flight is used."""

    used: int
    """Messages in flight."""
    budget: int
    """Messages that may be in flight."""
    share: float
    """Part of the budget beyond which long waits are spent in the database."""
    trend_per_s: float | None
    """By how much `used` grows a second; None while too little is known."""
    exhausted_in_s: float | None
    """Seconds until nothing is left if it goes on like that; None while it does not run out."""
    told_at: datetime
    told_by: str


async def tell_budget(connection: Connection, queue: str, told: ToldBudget) -> None:
    """Keep what was seen in the place of what was told before."""
    await connection.execute(
        _TELL,
        queue,
        told.used,
        told.budget,
        told.share,
        told.trend_per_s,
        told.exhausted_in_s,
        told.told_at,
        told.told_by,
    )


async def read_budget(connection: Connection, queue: str) -> ToldBudget | None:
    """Return what was last told of a queue; `told_at` says how old it is. None when nobody ever has."""
    row = await connection.fetchrow(_READ, queue)
    return None if row is None else ToldBudget(**row)
