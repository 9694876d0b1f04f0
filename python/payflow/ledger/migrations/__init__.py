"""Brings a database to this release's schema: alembic keeps count, the SQL is written by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from payflow.errors import StoreUnavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection as SchemaConnection

_HERE = Path(__file__).parent


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(dsn: str, *, connect_timeout_s: float = 5.0) -> list[str]:
    """Apply what is missing; return the names of the revisions applied, oldest first.

    Two callers at once are safe: the second waits on an advisory lock and then finds nothing to do.
    Runs its own event loop; from a coroutine, call it in a thread.

    Raises:
        StoreUnavailable: if the server can't be reached.
    """
    return asyncio.run(_upgrade(dsn, connect_timeout_s))


async def _upgrade(dsn: str, connect_timeout_s: float) -> list[str]:
    # SQLAlchemy parses URLs its own way (no socket directory as a host); asyncpg takes the DSN as it is.
    async def connect() -> asyncpg.Connection[asyncpg.Record]:
        return await asyncpg.connect(dsn, timeout=connect_timeout_s)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_run_revisions)
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
        raise StoreUnavailable(
            f"PostgreSQL does not answer: {error or type(error).__name__}; "
            "check PAYFLOW_POSTGRES_DSN and the server"
        ) from error
    finally:
        await engine.dispose()


def _run_revisions(connection: SchemaConnection) -> list[str]:
    applied: list[str] = []
    config = _config()
    config.attributes["connection"] = connection
    config.attributes["applied"] = applied
    command.upgrade(config, "head")
    return applied
