"""One worker of the fleet at a time does what needs doing once: an advisory lock of the database decides."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from payflow.ledger import LedgerOptions, open_pool
from payflow.ledger.faults import as_store_errors
from payflow.ledger.schema import require_current

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.ledger.pool import Connection
    from payflow.settings import Settings


@asynccontextmanager
async def elected(settings: Settings, lock: int) -> AsyncIterator[Connection | None]:
    """Give a connection that holds the lock until the block ends; None if another worker has it.

    The lock is held on the very connection that does the work: who has lost it can't write any more.

    Args:
        settings: name the database.
        lock: key of the advisory lock.

    Raises:
        StoreError: the database is away, in the block too.

    """
    postgres = settings.postgres
    pool = await open_pool(
        LedgerOptions(
            dsn=postgres.required_dsn,
            pool_size=1,
            statement_timeout_ms=postgres.statement_timeout_ms,
            connect_timeout_s=postgres.connect_timeout_s,
        )
    )
    try:
        with as_store_errors():
            async with pool.acquire(timeout=postgres.connect_timeout_s) as connection:
                await require_current(connection)
                yield (
                    connection if await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock) else None
                )
    finally:
        pool.terminate()  # ends the session, and with it the lock
