"""One connection for one purpose: a command that looks, or the one that does what needs doing once."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from payflow.ledger.faults import as_store_errors
from payflow.ledger.pool import open_pool
from payflow.ledger.schema import require_current

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.ledger.pool import Connection, LedgerOptions

__all__ = ["elected", "open_session"]


@asynccontextmanager
async def open_session(options: LedgerOptions) -> AsyncIterator[Connection]:
    """Give a connection to a database whose schema is this release's.

    Raises:
        StoreError: the database is away, in the block too.
        StoreOutdated: the schema is another release's.

    """
    pool = await open_pool(options)
    try:
        with as_store_errors():
            async with pool.acquire(timeout=options.connect_timeout_s) as connection:
                await require_current(connection)
                yield connection
    finally:
        pool.terminate()  # ends the session at once, and with it its locks


@asynccontextmanager
async def elected(options: LedgerOptions, lock: int) -> AsyncIterator[Connection | None]:
    """Give a connection that holds a lock until the block ends; None if another process has it.

    The lock is held on the very connection that does the work: who has lost it can't write any more.

    Args:
        options: name the database; one connection is made.
        lock: key of the advisory lock.

    Raises:
        StoreError, StoreOutdated: as `open_session`.

    """
    async with open_session(options) as connection:
        yield connection if await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock) else None
