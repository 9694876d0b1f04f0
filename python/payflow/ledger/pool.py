"""Connections to the ledger's database, set up so that plans stay right from an empty table to a full one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from payflow.errors import StoreUnavailable
from payflow.ledger.faults import as_store_errors

if TYPE_CHECKING:
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Connection: TypeAlias = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

UNAVAILABLE = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)
"""What a connection attempt raises when the server is not to be had."""

# Skipping a locked row keeps the probes of many workers from waiting for each other.
_PROBE = "SELECT FROM ledger FOR NO KEY UPDATE SKIP LOCKED"


@dataclass(frozen=True)
class LedgerOptions:
    """How the ledger uses its database."""

    dsn: str
    pool_size: int = 4
    statement_timeout_ms: int = 10_000
    connect_timeout_s: float = 5.0

    @property
    def command_timeout_s(self) -> float:
        """How long the client waits for a statement: a little longer than the server lets it run."""
        return self.statement_timeout_ms / 1_000 + 1.0


async def open_pool(options: LedgerOptions) -> Pool:
    """Open the worker's pool; a broken connection is replaced when it is next asked for.

    Raises:
        StoreUnavailable: if the server can't be reached; the text says where it was looked for.
    """
    pool: Pool = await asyncpg.create_pool(
        options.dsn,
        # With a floor the driver would restore connections in the background, against a server that is
        # known to be away, and with a trace in the log for each attempt.
        min_size=0,
        max_size=options.pool_size,
        max_inactive_connection_lifetime=0,
        timeout=options.connect_timeout_s,
        command_timeout=options.command_timeout_s,
        reset=_keep_as_is,
        server_settings=_server_settings(options),
    )
    try:
        async with pool.acquire():
            pass
    except BaseException as error:
        # Whoever is cancelled amid the release has a connection already, and no pool to close it with.
        pool.terminate()
        if isinstance(error, UNAVAILABLE):
            raise StoreUnavailable(
                f"PostgreSQL does not answer: {str(error) or type(error).__name__}; "
                "check PAYFLOW_POSTGRES_DSN and the server"
            ) from error
        raise
    return pool


async def close_pool(pool: Pool, timeout_s: float) -> None:
    """Close all connections in order; those that take too long are cut."""
    with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        async with asyncio.timeout(timeout_s):
            await pool.close()


async def prove_writable(options: LedgerOptions) -> None:
    """Prove on a connection of its own that the database can be reached, and commits durably.

    A lock on the row of these books goes through the write-ahead log like any change: a server that only
    reads, or whose disk hangs, fails here. Takes one connection attempt and one statement timeout at most.

    Raises:
        StoreUnavailable: it can't.
        StoreRefused: it refused in a way that no message can be blamed for either.
    """
    with as_store_errors():
        connection = await asyncpg.connect(
            options.dsn,
            timeout=options.connect_timeout_s,
            command_timeout=options.command_timeout_s,
            server_settings=_server_settings(options),
        )
        try:
            await connection.execute(_PROBE)
        finally:
            # No farewell: one that hangs would outlast the probe.
            connection.terminate()


def _server_settings(options: LedgerOptions) -> dict[str, str]:
    # Statistics of a just migrated table say "empty", and a plan made for that reads the whole table for
    # ever. Every statement of the ledger finds its rows by key: such plans are made the only choice.
    return {
        "application_name": "payflow",
        "statement_timeout": str(options.statement_timeout_ms),
        "idle_in_transaction_session_timeout": str(options.statement_timeout_ms * 2),
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "jit": "off",
    }


async def _keep_as_is(_connection: Any) -> None:
    """Spare the reset query after each batch: the ledger leaves nothing behind in a session."""
