"""Opening the pool leaves nothing behind, whenever it is given up."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg
from payflow.ledger import LedgerOptions, open_pool

SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
STEPS = 40


async def test_whoever_is_cancelled_while_a_pool_opens_leaves_no_connection(database_dsn: str) -> None:
    watcher = await asyncpg.connect(database_dsn)
    for steps in range(STEPS):
        opening = asyncio.create_task(open_pool(LedgerOptions(dsn=database_dsn)))
        for _ in range(steps):
            await asyncio.sleep(0.0005)  # each try is given up a little later, up to when it is open
        opening.cancel()
        with suppress(asyncio.CancelledError):
            (await opening).terminate()
    async with asyncio.timeout(10):
        while await watcher.fetchval(SESSIONS):  # noqa: ASYNC110 - the server tells only when asked
            await asyncio.sleep(0.01)
    await watcher.close()
