"""What does a batch cost in PostgreSQL: lock, read, judge, write, commit, durably, one batch at a time?"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import uvloop
from payflow import _native
from payflow.ledger import Ledger, LedgerOptions, open_pool

if TYPE_CHECKING:
    from collections.abc import Iterator

    import asyncpg
    from payflow.decoding import Decoded

    from benchmarks.conftest import PerEvent


def test_ledger_write(
    per_event: PerEvent, decoded: Iterator[Decoded], policies: _native.Policies, servers: tuple[str, str]
) -> None:
    """Apply one batch after the other to books that grow; the stream's payments go on from batch to batch."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        pool = runner.run(open_pool(LedgerOptions(dsn=servers[0], pool_size=1)))
        ledger = Ledger(pool, policies, lambda: datetime.now(UTC), "benchmark")
        nothing_fires = _native.RuleSet.compile([])

        async def apply(events: _native.Events) -> None:
            async with ledger.transaction() as transaction:
                payments = await transaction.lock(events, bytes(len(events)))
                verdicts = _native.apply(events, payments, policies)
                await transaction.write(verdicts, _native.evaluate(nothing_fires, verdicts))

        def batch() -> tuple[_native.Events]:
            following = next(decoded)
            return (_native.Events(following.events, following.payloads),)

        per_event.measure(lambda events: runner.run(apply(events)), batch, rounds=200)
        assert runner.run(_durable(pool))
        runner.run(pool.close())


async def _durable(pool: asyncpg.Pool[asyncpg.Record]) -> bool:
    return [await pool.fetchval(f"SHOW {name}") for name in ("fsync", "synchronous_commit")] == ["on", "on"]
