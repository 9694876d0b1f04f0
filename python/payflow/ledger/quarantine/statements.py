"""The statements of this package, read once."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.ledger.pool import Connection

_SQL = files("payflow.ledger.quarantine") / "sql"


def statement(name: str) -> str:
    """Read a statement; `{selected}` in it stands for the filter on dead letters, parameters $1 to $9."""
    return (_SQL / f"{name}.sql").read_text().replace("{selected}", _SELECTED)


@asynccontextmanager
async def planned_for_its_filter(connection: Connection) -> AsyncIterator[None]:
    """Plan each statement for the values that it gets, in a transaction that only reads.

    The ledger's sessions keep one plan for all values, which is right for statements that find rows by key. A
    filter of which most parts are null needs a plan of its own: the one for all values reads the whole table.
    """
    async with connection.transaction(readonly=True):
        await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        yield


_SELECTED = (_SQL / "selected.sql").read_text().rstrip()
