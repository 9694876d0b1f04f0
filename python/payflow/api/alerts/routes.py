"""Alerts: the rows of the route table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from payflow.api.alerts import reading, triage
from payflow.api.alerts.shapes import (
    Alert,
    AlertDetail,
    AlertsQuery,
    AssignAlert,
    CreateAlert,
    ReopenAlert,
    ResolveAlert,
    SnoozeAlert,
)
from payflow.api.routing import Access, Answer, Call, Page, Role, Route
from payflow.api.routing.problems import ALERT_STATE_CONFLICT
from payflow.api.row_ids import absent, row_id

if TYPE_CHECKING:
    from payflow.api.alerts.shapes import Action

_READ: Final = Access.at_least(Role.READ_ONLY)
_ACT: Final = Access.at_least(Role.OPERATOR)


async def list_alerts(call: Call) -> Answer:
    """Answer with one page."""
    return Answer(200, await reading.list_alerts(call))


async def get_alert(call: Call) -> Answer:
    """Answer with one alert and all that helps to decide it."""
    alert_id = row_id(call, "alert_id", "alert")
    async with call.reading() as connection:
        found = await reading.read_alert(connection, alert_id, call.services.clock())
    if found is None:
        raise absent("alert", alert_id)
    return Answer(200, found, _tag(found))


async def create_alert(call: Call) -> Answer:
    """Make an alert by hand."""
    alert = await triage.create(call)
    return Answer(201, alert, _tag(alert) | {"location": f"/api/v1/alerts/{alert.alert_id}"})


async def change_alert(action: Action, call: Call) -> Answer:
    """Take one step of triage."""
    alert = await triage.change(call, action)
    return Answer(200, alert, _tag(alert))


async def delete_alert(call: Call) -> Answer:
    """Delete an alert."""
    await triage.delete(call)
    return Answer(204)


def _tag(alert: Alert) -> dict[str, str]:
    return {"etag": f'"{alert.version}"'}


def _step(action: Action, summary: str, body: Any = None) -> Route:
    return Route(
        method="POST",
        path=f"/alerts/{{alert_id}}/{action}",
        handler=partial(change_alert, action),
        operation_id=f"{action}Alert",
        tag="alerts",
        summary=summary,
        access=_ACT,
        body=body,
        answers={200: Alert},
        problems=(ALERT_STATE_CONFLICT,),
        idempotency=True,
        if_match=True,
    )


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/alerts",
        handler=list_alerts,
        operation_id="listAlerts",
        tag="alerts",
        summary="Alerts, the newest first",
        access=_READ,
        query=AlertsQuery,
        answers={200: Page[Alert]},
    ),
    Route(
        method="POST",
        path="/alerts",
        handler=create_alert,
        operation_id="createAlert",
        tag="alerts",
        summary="Make an alert by hand",
        access=_ACT,
        body=CreateAlert,
        answers={201: Alert},
        idempotency=True,
    ),
    Route(
        method="GET",
        path="/alerts/{alert_id}",
        handler=get_alert,
        operation_id="getAlert",
        tag="alerts",
        summary="One alert with its payment, its rule, its history and what may be done",
        access=_READ,
        answers={200: AlertDetail},
    ),
    _step("acknowledge", "Say that somebody looks at it; takes it if nobody has it"),
    _step("assign", "Give it to somebody, or to nobody", AssignAlert),
    _step("snooze", "Let it sleep until a time", SnoozeAlert),
    _step("resolve", "Say what came of it", ResolveAlert),
    _step("reopen", "Open a resolved one again", ReopenAlert),
    Route(
        method="DELETE",
        path="/alerts/{alert_id}",
        handler=delete_alert,
        operation_id="deleteAlert",
        tag="alerts",
        summary="Delete an alert; the audit trail keeps it",
        access=Access.at_least(Role.ADMIN),
        answers={204: None},
        idempotency=True,
        if_match=True,
    ),
)
