"""Connections to the ledger's database, set up so that plans stay right from an empty table to a full one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from payflow.errors import StoreUnavailable

if TYPE_CHECKING:
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Connection: TypeAlias = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

UNAVAILABLE = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)
"""What a connection attempt raises when the server is not to be had."""


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
    """Open the worker's connections, one for each lane.

    Raises:
        StoreUnavailable: if the server can't be reached; the text says where it was looked for.
    """
    try:
        return await asyncpg.create_pool(
            options.dsn,
            min_size=options.pool_size,
            max_size=options.pool_size,
            max_inactive_connection_lifetime=0,
            timeout=options.connect_timeout_s,
            command_timeout=options.command_timeout_s,
            reset=_keep_as_is,
            server_settings=_server_settings(options),
        )
    except UNAVAILABLE as error:
        raise StoreUnavailable(
            f"PostgreSQL does not answer: {error or type(error).__name__}; "
            "check PAYFLOW_POSTGRES_DSN and the server"
        ) from error


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
