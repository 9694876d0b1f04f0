"""Which schema this release works on. Apart from the migrations, so that a worker doesn't load alembic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import asyncpg

from payflow.errors import StoreOutdated

if TYPE_CHECKING:
    from payflow.ledger.pool import Connection

REVISION: Final = "0007"
"""The newest revision in `payflow.ledger.migrations`."""


async def require_current(connection: Connection) -> None:
    """Refuse a database whose schema this release was not built for.

    Raises:
        StoreOutdated: names both revisions and the command to run.
    """
    try:
        found = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        found = None
    if found != REVISION:
        raise StoreOutdated(
            f"the database's schema is {found or 'not there yet'}, this release needs {REVISION}; "
            "run `payflow migrate`"
        )
