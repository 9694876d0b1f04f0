"""Rolls the trail up: counts by verdict, money moved by currency, payments by status; what occurs where."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from payflow.ledger.pool import Connection
    from payflow.ledger.settled import Settling

__all__ = ["RollOptions", "Rolled", "record_lags", "roll"]

_SQL = files("payflow.ledger.rollups") / "sql"
_NEWEST = (_SQL / "newest.sql").read_text()
_STATE = (_SQL / "state.sql").read_text()
_ROLL_TRAIL = (_SQL / "roll_trail.sql").read_text()
_INDEX_TRAIL = (_SQL / "index_trail.sql").read_text()
_ROLL_LETTERS = (_SQL / "roll_letters.sql").read_text()
_LAGS = (_SQL / "lags.sql").read_text()
_PRUNE = (_SQL / "prune.sql").read_text()

PRUNED_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class RollOptions:
    """How much a pass may do, and how gently."""

    rows_a_time: int = 5_000
    """Ids of one transaction."""
    transactions_max: int = 200
    """Transactions of one pass; the next pass goes on from there."""
    work_share: float = 0.25
    """Part of the time that catching up may take; workers have the rest of the server."""


@dataclass
class Rolled:
    """What one pass did."""

    rows: int = 0
    """Ids of the trail that it went past."""
    behind: int = 0
    """Settled ids that are left for the next pass."""


async def roll(
    connection: Connection,
    settling: Settling[tuple[int, int]],
    clock: Callable[[], datetime],
    options: RollOptions = RollOptions(),
) -> Rolled:
    """Count what has settled since the last pass, each row once.

    What is counted and up to where are written in one transaction, so a pass that dies or a second roller
    counts nothing twice.

    Args:
        connection: in no transaction; each step is one of its own.
        settling: kept from pass to pass; ids are audit and dead-letter ids.
        clock: gives the time in UTC.
        options: how much.

    """
    newest = await connection.fetchrow(_NEWEST)
    if newest is None:
        return Rolled()
    ids = (newest["audit_id"], newest["dead_letter_id"])
    settled = settling.look(ids, newest["oldest"], newest["next"])
    rolled = Rolled()
    if settled is None:
        return rolled
    for number in range(options.transactions_max):
        began_s = time.monotonic()
        rows, rolled.behind = await _roll_some(connection, settled, clock(), options.rows_a_time)
        rolled.rows += rows
        if not rolled.behind or number + 1 == options.transactions_max:
            break
        took_s = time.monotonic() - began_s
        await asyncio.sleep(took_s * (1 / options.work_share - 1))
    return rolled


async def record_lags(connection: Connection, counts: Sequence[int], at: datetime) -> None:
    """Add deliveries by their lag, counted for each bound of `LAG_BOUNDS_S` and above the last."""
    await connection.execute(_LAGS, list(counts), at)


async def _roll_some(
    connection: Connection, settled: tuple[int, int], now: datetime, rows_a_time: int
) -> tuple[int, int]:
    """Count the next rows; tell how many ids that were, and how many settled ones are left."""
    settled_row, settled_letter = settled
    async with connection.transaction():
        # There is always one row; its lock keeps a second roller out.
        state = await connection.fetchrow(_STATE)
        if state is None:
            return 0, 0
        row, letter = state["audit_id"], state["dead_letter_id"]
        to_row = min(settled_row, row + rows_a_time)
        to_letter = min(settled_letter, letter + rows_a_time)
        if to_row > row:
            await connection.execute(_INDEX_TRAIL, row, to_row)
            await connection.execute(_ROLL_TRAIL, row, to_row, now)
        if to_letter > letter:
            await connection.execute(_ROLL_LETTERS, letter, to_letter, now)
        if state["pruned_at"] is None or now - state["pruned_at"] >= PRUNED_EVERY:
            await connection.execute(_PRUNE, now)
    return max(to_row - row, 0), max(settled_row - to_row, 0) + max(settled_letter - to_letter, 0)
