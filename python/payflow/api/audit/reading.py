"""Entries of the trail as pages, and one with its event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from payflow.api.audit.searching import Search
from payflow.api.audit.shapes import AuditEntry, AuditEntryDetail, AuditFilters
from payflow.api.routing.listing import COUNT_MAX, Count, ListQuery, Page, page, window
from payflow.api.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payflow.api.routing import Call
    from payflow.ledger.pool import Connection

__all__ = ["entry_fields", "list_entries", "read_entry"]

_ENTRY = Statement("payflow.api.audit", "entry")


async def list_entries(call: Call, payment_id: str | None = None) -> Page[AuditEntry]:
    """Read one page; with a payment, of all that belongs to it."""
    query = _filters(call.query, payment_id)
    asked = window(call)
    behind = None if asked.position is None else int(asked.position[0])
    async with call.reading() as connection:
        found = await Search(query).rows(
            connection, behind=behind, limit=asked.limit + 1, backwards=asked.backwards
        )
        count = await _count(connection, query) if query.count else None
    made = page(
        call,
        asked,
        found.rows,
        key=lambda row: (row["audit_id"],),
        shape=lambda row: AuditEntry(**entry_fields(row)),
        stopped_at=None if found.reached is None else (found.reached,),
    )
    return msgspec.structs.replace(made, count=count)


async def read_entry(connection: Connection, audit_id: int) -> AuditEntryDetail | None:
    """Read one entry; None if there is none of that id."""
    text, parameters = _ENTRY.fill(audit_id=audit_id, payload=True)
    row = await connection.fetchrow(text, *parameters)
    if row is None:
        return None
    payload = None if row["payload"] is None else msgspec.Raw(row["payload"].encode())
    return AuditEntryDetail(**entry_fields(row), payload=payload)


def entry_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of an entry; a delivery's subject is its payment."""
    fields = {name: row[name] for name in _PLAIN}
    delivery = row["subject_kind"] is None
    return fields | {
        "audit_id": str(row["audit_id"]),
        "subject_kind": "payment" if delivery else row["subject_kind"],
        "subject_id": row["payment_id"] if delivery else row["subject_id"],
        "type": row["action"] if delivery else None,
        "details": None if row["details"] is None else msgspec.json.decode(row["details"]),
    }


_PLAIN = tuple(
    name
    for name in AuditEntry.__struct_fields__
    if name not in {"audit_id", "subject_kind", "subject_id", "type", "details"}
)


def _filters(query: ListQuery, payment_id: str | None) -> AuditFilters:
    if isinstance(query, AuditFilters):
        return query
    return AuditFilters(limit=query.limit, count=query.count, payment_id=payment_id)


async def _count(connection: Connection, query: AuditFilters) -> Count:
    """Count what one search finds; "at least" where it stopped before the end."""
    found = await Search(query, counting=True).rows(connection, behind=None, limit=COUNT_MAX + 1)
    counted = Count.of(len(found.rows))
    return Count(counted.value, counted.capped or found.reached is not None)
