"""The trail as CSV or as JSON lines, written while it is read: one batch at a time is in memory."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec

from payflow.api.audit.reading import entry_fields
from payflow.api.audit.searching import Search
from payflow.api.audit.shapes import AuditEntry, AuditEntryDetail
from payflow.api.routing.problems import RATE_LIMITED, ProblemError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from payflow.api.audit.shapes import ExportQuery
    from payflow.api.routing import Call

__all__ = ["EXPORTS_MAX", "ROWS_A_TIME", "export"]

ROWS_A_TIME: Final = 1_000
EXPORTS_MAX: Final = 4
"""Exports at once in one process; each keeps a connection busy for most of its time."""

_COLUMNS: Final = AuditEntry.__struct_fields__
_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that a spreadsheet takes for a formula."""

_encode = msgspec.json.Encoder().encode
_running = 0


async def export(call: Call) -> AsyncIterator[bytes]:
    """Give the entries that the query selects, the newest first, as chunks of some hundred KiB at most.

    Each batch is a short read of its own, so a slow reader holds neither a connection nor a snapshot. Rows
    never change, and what is written meanwhile lies ahead of where the export began.

    Raises:
        ProblemError: rate_limited, when as many as may run at once do.

    """
    query: ExportQuery = call.query
    if _running >= EXPORTS_MAX:
        raise ProblemError(
            RATE_LIMITED,
            detail=f"{EXPORTS_MAX} exports run already; try again when one of them is done",
            headers={"retry-after": "30"},
        )
    return _chunks(call, query)


async def _chunks(call: Call, query: ExportQuery) -> AsyncIterator[bytes]:
    lines = query.format == "jsonl"
    search, behind = Search(query, payload=lines), None
    with _counted():
        if not lines:
            yield _csv([_COLUMNS])
        while True:
            async with call.reading() as connection:
                found = await search.rows(connection, behind=behind, limit=ROWS_A_TIME)
            if found.rows:
                yield b"".join(map(_json_line, found.rows)) if lines else _csv(map(_cells, found.rows))
            if len(found.rows) == ROWS_A_TIME:
                behind = found.rows[-1]["audit_id"]
            elif found.reached is not None:
                behind = found.reached
            else:
                return


def _json_line(row: Mapping[str, Any]) -> bytes:
    payload = None if row["payload"] is None else msgspec.Raw(row["payload"].encode())
    return _encode(AuditEntryDetail(**entry_fields(row), payload=payload)) + b"\n"


def _cells(row: Mapping[str, Any]) -> list[str]:
    fields = entry_fields(row)
    return [_cell(fields[name]) for name in _COLUMNS]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
    return f"'{text}" if text.startswith(_ACTIVE) else text


def _csv(rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@contextmanager
def _counted() -> Iterator[None]:
    global _running  # noqa: PLW0603 - one number for the process
    _running += 1
    try:
        yield
    finally:
        _running -= 1
