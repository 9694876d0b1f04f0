"""The audit trail: the rows of the route table."""

from __future__ import annotations

from typing import Final

from payflow.api.audit.exporting import export
from payflow.api.audit.noting import add_note
from payflow.api.audit.reading import list_entries, read_entry
from payflow.api.audit.shapes import AuditEntry, AuditEntryDetail, AuditFilters, AuditNote, ExportQuery
from payflow.api.routing import (
    Access,
    Answer,
    Call,
    ListQuery,
    Page,
    ProblemError,
    Role,
    Route,
    Streamed,
)
from payflow.api.routing.problems import AUDIT_IMMUTABLE, RATE_LIMITED
from payflow.api.row_ids import absent, row_id

_READ: Final = Access.at_least(Role.READ_ONLY)
_TYPES: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


async def list_audit(call: Call) -> Answer:
    """Answer with one page of the whole trail."""
    return Answer(200, await list_entries(call))


async def list_of_payment(call: Call) -> Answer:
    """Answer with one page of what belongs to a payment."""
    return Answer(200, await list_entries(call, call.path["payment_id"]))


async def get_entry(call: Call) -> Answer:
    """Answer with one entry and its event."""
    audit_id = row_id(call, "audit_id", "audit entry")
    async with call.reading() as connection:
        entry = await read_entry(connection, audit_id)
    if entry is None:
        raise absent("audit entry", audit_id)
    return Answer(200, entry)


async def create_note(call: Call) -> Answer:
    """Write a note into the trail."""
    return Answer(201, await add_note(call))


async def export_audit(call: Call) -> Answer:
    """Send what the filters select while it is read."""
    name = f"payflow-audit-{call.services.clock():%Y%m%dT%H%M%SZ}.{call.query.format}"
    return Answer(
        200,
        Streamed(await export(call)),
        {
            "content-type": _TYPES[call.query.format],
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        },
    )


async def refuse_change(_call: Call) -> Answer:
    """Say why an entry stays as it is."""
    raise ProblemError(
        AUDIT_IMMUTABLE,
        detail="entries of the audit trail are never changed or deleted; add a note to say more",
        headers={"allow": "GET"},
    )


def _refused(method: str, verb: str) -> Route:
    return Route(
        method=method,
        path="/audit/{audit_id}",
        handler=refuse_change,
        operation_id=f"{verb}AuditEntry",
        tag="audit",
        summary="Refused: the trail can't be changed",
        access=Access.SIGNED_IN,
        answers={},
        problems=(AUDIT_IMMUTABLE,),
    )


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/audit",
        handler=list_audit,
        operation_id="listAudit",
        tag="audit",
        summary="Entries of the trail, the newest first",
        description=(
            "A search that finds little stops after a bounded number of rows; `next_cursor` then goes on "
            "from there, also when the page is empty."
        ),
        access=_READ,
        query=AuditFilters,
        answers={200: Page[AuditEntry]},
    ),
    Route(
        method="GET",
        path="/audit/export",
        handler=export_audit,
        operation_id="exportAudit",
        tag="audit",
        summary="All entries that the filters select, as CSV or JSON lines",
        description="Text that a spreadsheet would take for a formula begins with an apostrophe in CSV.",
        access=_READ,
        query=ExportQuery,
        answers={200: str},
        problems=(RATE_LIMITED,),
        deadline_s=0,
        media_types=("text/csv", "application/jsonl"),
    ),
    Route(
        method="POST",
        path="/audit/notes",
        handler=create_note,
        operation_id="createAuditNote",
        tag="audit",
        summary="Add a note about a payment, an alert, a rule, a user, a dead letter or a parked fact",
        access=Access.at_least(Role.OPERATOR),
        body=AuditNote,
        answers={201: AuditEntryDetail},
        idempotency=True,
    ),
    Route(
        method="GET",
        path="/audit/transactions/{payment_id}",
        handler=list_of_payment,
        operation_id="listAuditOfTransaction",
        tag="audit",
        summary="Everything that happened to one payment, the newest first",
        access=_READ,
        query=ListQuery,
        answers={200: Page[AuditEntry]},
    ),
    Route(
        method="GET",
        path="/audit/{audit_id}",
        handler=get_entry,
        operation_id="getAuditEntry",
        tag="audit",
        summary="One entry with its event as it came",
        access=_READ,
        answers={200: AuditEntryDetail},
    ),
    _refused("PUT", "replace"),
    _refused("PATCH", "change"),
    _refused("DELETE", "delete"),
)
