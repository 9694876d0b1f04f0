"""Notes in the trail: the way to say more about something that can't be changed."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from payflow.api.audit.reading import read_entry
from payflow.api.routing.problems import INVALID_BODY, Fault, ProblemError
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    from payflow.api.audit.shapes import AuditEntryDetail, AuditNote
    from payflow.api.routing import Call

_SUBJECT = (files("payflow.api.audit") / "sql" / "subject.sql").read_text()


async def add_note(call: Call) -> AuditEntryDetail:
    """Write a note about something that is there.

    Raises:
        ProblemError: invalid_body, when it isn't.

    """
    body: AuditNote = call.body
    async with call.transaction() as connection:
        subject = await connection.fetchrow(_SUBJECT, body.subject_kind, body.subject_id)
        if subject is None or not subject["there"]:
            rule = f"there is no {body.subject_kind.replace('_', ' ')} of that id"
            raise ProblemError(
                INVALID_BODY, detail=f"subject_id: {rule}", errors=[Fault("/subject_id", rule)]
            )
        audit_id = await record_action(
            connection,
            action=f"{body.subject_kind}.noted",
            actor=call.principal.actor,
            subject_kind=body.subject_kind,
            subject_id=body.subject_id,
            payment_id=subject["payment_id"],
            note=body.note,
            correlation_id=call.correlation_id,
            now=call.services.clock(),
        )
        entry = await read_entry(connection, audit_id)
    if entry is None:
        raise LookupError(f"audit row {audit_id} is not there right after it was written")
    return entry
