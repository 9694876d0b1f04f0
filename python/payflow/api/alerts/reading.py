"""Alerts as they are listed, and one with all that helps to decide it."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from payflow.api.alerts.machine import ALLOWED
from payflow.api.alerts.shapes import (
    Alert,
    AlertDetail,
    AlertPayment,
    AlertRule,
    AlertsQuery,
    RuleBrief,
    UserBrief,
)
from payflow.api.audit.reading import entry_fields
from payflow.api.audit.shapes import AuditEntry
from payflow.api.routing.listing import COUNT_MAX, Page, Window, page, window
from payflow.api.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payflow.api.routing import Call
    from payflow.ledger.pool import Connection

__all__ = ["list_alerts", "read_alert", "read_alerts"]

_LIST = Statement("payflow.api.alerts", "list")
_COUNT = Statement("payflow.api.alerts", "count")
_SQL = files("payflow.api.alerts") / "sql"
_HISTORY = (_SQL / "history.sql").read_text()
_PAYMENT = (_SQL / "payment.sql").read_text()
_RULE = (_SQL / "rule.sql").read_text()


async def list_alerts(call: Call) -> Page[Alert]:
    """Read one page."""
    query: AlertsQuery = call.query
    asked = window(call)
    chosen = _chosen(query, call)
    text, parameters = _LIST.fill(**chosen, **_ordered(query, asked), limit=asked.limit + 1)
    async with call.reading() as connection:
        rows = await connection.fetch(text, *parameters)
        counted = None
        if query.count:
            text, parameters = _COUNT.fill(**chosen, count_max=COUNT_MAX + 1)
            counted = await connection.fetchval(text, *parameters)
    return page(call, asked, rows, key=_place(query), shape=alert_of, counted=counted)


async def read_alerts(connection: Connection, ids: Sequence[int], now: datetime) -> list[Alert]:
    """Read alerts by id, the oldest first; those that were deleted are not there."""
    text, parameters = _LIST.fill(ids=list(ids), now=now, oldest_first=True, limit=len(ids))
    return [alert_of(row) for row in await connection.fetch(text, *parameters)]


async def read_alert(connection: Connection, alert_id: int, now: datetime) -> AlertDetail | None:
    """Read one alert with its payment, its rule and its history; None if there is none of that id."""
    found = await read_alerts(connection, [alert_id], now)
    if not found:
        return None
    [alert] = found
    payment = None if alert.payment_id is None else await connection.fetchrow(_PAYMENT, alert.payment_id)
    rule = None if alert.rule is None else await connection.fetchrow(_RULE, int(alert.rule.rule_id))
    history = await connection.fetch(_HISTORY, alert.alert_id)
    return AlertDetail(
        **{name: getattr(alert, name) for name in Alert.__struct_fields__},
        allowed_actions=list(ALLOWED[alert.status]),
        payment=None if payment is None else AlertPayment(**payment),
        rule_detail=None if rule is None else AlertRule(**rule),
        history=[AuditEntry(**entry_fields(row)) for row in history],
    )


def alert_of(row: Mapping[str, Any]) -> Alert:
    """Make an alert of a row of `list.sql`."""
    rule = None
    if row["rule_id"] is not None:
        rule = RuleBrief(str(row["rule_id"]), row["rule_name"], row["rule_version"])
    assignee = None
    if row["assignee_id"] is not None:
        assignee = UserBrief(str(row["assignee_id"]), row["assignee_name"])
    return Alert(
        alert_id=str(row["alert_id"]),
        rule=rule,
        assignee=assignee,
        **{name: row[name] for name in _PLAIN},
    )


_PLAIN = tuple(name for name in Alert.__struct_fields__ if name not in {"alert_id", "rule", "assignee"})


def _chosen(query: AlertsQuery, call: Call) -> dict[str, Any]:
    """Give the filters to the statements, by the names that they have there."""
    assignee = {"me": call.principal.user_id, "none": None}.get(query.assignee or "", query.assignee)
    return {
        "now": call.services.clock(),
        "status": query.status,
        # Lets the statement go along the index of what is not resolved.
        "unresolved": True if query.status and "resolved" not in query.status else None,
        "severity": query.severity,
        "rule": query.rule,
        "assignee": assignee,
        "unassigned": True if query.assignee == "none" else None,
        "payment_id": query.payment_id,
        "created_from": query.created_from,
        "created_to": query.created_to,
        "text": query.text,
    }


def _ordered(query: AlertsQuery, asked: Window) -> dict[str, Any]:
    """Give order and place: a page backwards is read in the opposite order."""
    descending = query.sort.startswith("-") is not asked.backwards
    by_severity = query.sort.endswith("severity")
    order = {
        (False, True): ("newest_first", "older_than"),
        (False, False): ("oldest_first", "newer_than"),
        (True, True): ("most_urgent_first", "less_urgent_than"),
        (True, False): ("least_urgent_first", "more_urgent_than"),
    }
    ordered, behind = order[by_severity, descending]
    given: dict[str, Any] = {ordered: True}
    if asked.position is not None:
        *urgency, at, alert_id = asked.position
        given |= {behind: True, "at": datetime.fromisoformat(at), "alert_id": alert_id}
        if urgency:
            given["urgency"] = urgency[0]
    return given


def _place(query: AlertsQuery) -> Any:
    if query.sort.endswith("severity"):
        return lambda row: (row["urgency"], row["created_at"].isoformat(), row["alert_id"])
    return lambda row: (row["created_at"].isoformat(), row["alert_id"])
