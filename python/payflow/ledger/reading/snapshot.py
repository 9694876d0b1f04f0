"""One consistent view of the books: everything that is read inside it was true at the same moment."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from payflow.ledger.faults import as_store_errors
from payflow.ledger.pool import open_pool
from payflow.ledger.schema import require_current

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.ledger.pool import Connection, LedgerOptions


@asynccontextmanager
async def open_snapshot(options: LedgerOptions) -> AsyncIterator[Connection]:
    """Connect, and read in one transaction that can't write. Workers go on meanwhile, unseen.

    Raises:
        StoreUnavailable: if the server can't be reached, or goes away.
        StoreOutdated: the schema is not this release's.
        StoreRefused: a statement ran into its time limit.

    """
    pool = await open_pool(options)
    try:
        with as_store_errors():
            async with (
                pool.acquire(timeout=options.connect_timeout_s) as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                await require_current(connection)
                yield connection
    finally:
        pool.terminate()  # nothing was written, so there is nothing to wait for
