"""What people do to alerts; each step is one transaction with its row of the trail."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import msgspec

from payflow.api.alerts.machine import ALLOWED, PAST, State, after
from payflow.api.alerts.reading import read_alerts
from payflow.api.routing.problems import ALERT_STATE_CONFLICT, INVALID_BODY, Fault, ProblemError
from payflow.api.row_ids import absent, row_id
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from asyncpg import Record

    from payflow.api.alerts.shapes import Action, Alert, CreateAlert
    from payflow.api.routing import Call
    from payflow.ledger.pool import Connection

__all__ = ["SNOOZE_MAX", "change", "create", "delete", "wake"]

SNOOZE_MAX: Final = timedelta(days=90)
WOKEN_AT_ONCE_MAX: Final = 200

_SQL = files("payflow.api.alerts") / "sql"
_LOCK = (_SQL / "lock.sql").read_text()
_CHANGE = (_SQL / "change.sql").read_text()
_DELETE = (_SQL / "delete.sql").read_text()
_CREATE = (_SQL / "create.sql").read_text()
_WAKE = (_SQL / "wake.sql").read_text()
_PAYMENT = (_SQL / "payment.sql").read_text()
_ASSIGNABLE = (_SQL / "assignable.sql").read_text()


async def create(call: Call) -> Alert:
    """Make an alert by hand.

    Raises:
        ProblemError: invalid_body, when the payment isn't there.

    """
    body: CreateAlert = call.body
    now = call.services.clock()
    async with call.transaction() as connection:
        if body.payment_id is not None and await connection.fetchrow(_PAYMENT, body.payment_id) is None:
            raise _refused("/payment_id", f"there is no payment {body.payment_id}")
        alert_id = await connection.fetchval(
            _CREATE, body.severity, body.title, body.description, body.payment_id, call.correlation_id, now
        )
        details = {"severity": body.severity, "title": body.title, "description": body.description}
        await _record(call, connection, "created", alert_id, body.payment_id, details, now)
        [alert] = await read_alerts(connection, [alert_id], now)
    return alert


async def change(call: Call, action: Action) -> Alert:
    """Take one step of the machine.

    Raises:
        ProblemError: not_found, precondition_failed, invalid_body, alert_state_conflict.

    """
    now = call.services.clock()
    async with call.transaction() as connection:
        row = await _locked(call, connection, now)
        before = _state(row)
        if action not in ALLOWED[before.status]:
            allowed = ALLOWED[before.status]
            raise ProblemError(
                ALERT_STATE_CONFLICT,
                detail=f"it is {before.status} and can't be {PAST[action]}; allowed: {', '.join(allowed)}",
                alert_status=before.status,
                allowed_actions=allowed,
            )
        asked = await _asked(call, connection, now)
        state = after(before, action, user_id=call.principal.user_id, **asked)
        await connection.execute(
            _CHANGE,
            *(row["alert_id"], now, state.status, state.assignee_id, state.snoozed_until),
            *(state.outcome, state.note),
        )
        changed = _changed(before, state)
        await _record(call, connection, PAST[action], row["alert_id"], row["payment_id"], changed, now)
        [alert] = await read_alerts(connection, [row["alert_id"]], now)
    return alert


async def delete(call: Call) -> None:
    """Delete an alert; the trail keeps what it was.

    Raises:
        ProblemError: not_found or precondition_failed.

    """
    now = call.services.clock()
    async with call.transaction() as connection:
        row = await _locked(call, connection, now)
        [alert] = await read_alerts(connection, [row["alert_id"]], now)
        await connection.execute(_DELETE, row["alert_id"], now)
        kept = {"alert": alert}
        await _record(call, connection, "deleted", row["alert_id"], row["payment_id"], kept, now)


async def wake(connection: Connection, now: datetime) -> int:
    """End snoozes that are over, `WOKEN_AT_ONCE_MAX` at most, each with a row of the trail; give how many."""
    async with connection.transaction():
        woken = await connection.fetch(_WAKE, now, WOKEN_AT_ONCE_MAX)
        for row in woken:
            await record_action(
                connection,
                action="alert.woken",
                actor="payflow",
                subject_kind="alert",
                subject_id=str(row["alert_id"]),
                payment_id=row["payment_id"],
                now=now,
            )
    return len(woken)


async def _locked(call: Call, connection: Connection, now: datetime) -> Record:
    """Hold the alert of the call, at the version that the caller has seen."""
    alert_id = row_id(call, "alert_id", "alert")
    row = await connection.fetchrow(_LOCK, alert_id, now)
    if row is None:
        raise absent("alert", alert_id)
    call.require_version(row["version"])
    return row


def _state(row: Record) -> State:
    assignee_id = None if row["assignee_id"] is None else str(row["assignee_id"])
    snoozed_until = row["snoozed_until"] if row["status"] == "snoozed" else None
    return State(
        status=row["status"],
        assignee_id=assignee_id,
        snoozed_until=snoozed_until,
        outcome=row["outcome"],
        note=row["note"],
    )


async def _asked(call: Call, connection: Connection, now: datetime) -> dict[str, Any]:
    """Read what the body of the call asks for, past what its shape can check."""
    asked: dict[str, Any] = {} if call.body is None else msgspec.structs.asdict(call.body)
    if "until" in asked and not now < asked["until"] <= now + SNOOZE_MAX:
        raise _refused("/until", f"must lie ahead, within {SNOOZE_MAX.days} days")
    if "assignee" in asked:
        user_id = asked.pop("assignee")
        if user_id is not None and await connection.fetchval(_ASSIGNABLE, user_id) is None:
            raise _refused("/assignee", "must be an active user who may act on alerts")
        asked["assignee_id"] = user_id
    return asked


def _changed(before: State, state: State) -> Mapping[str, Any]:
    fields = [name for name in State.__struct_fields__ if name != "note"]
    pairs = {name: (getattr(before, name), getattr(state, name)) for name in fields}
    return {name: {"from": old, "to": new} for name, (old, new) in pairs.items() if old != new}


async def _record(
    call: Call,
    connection: Connection,
    what: str,
    alert_id: int,
    payment_id: str | None,
    details: Mapping[str, Any],
    now: datetime,
) -> None:
    await record_action(
        connection,
        action=f"alert.{what}",
        actor=call.principal.actor,
        subject_kind="alert",
        subject_id=str(alert_id),
        payment_id=payment_id,
        note=getattr(call.body, "note", None),
        details=details,
        correlation_id=call.correlation_id,
        now=now,
    )


def _refused(pointer: str, rule: str) -> ProblemError:
    return ProblemError(INVALID_BODY, detail=f"{pointer[1:]}: {rule}", errors=[Fault(pointer, rule)])
