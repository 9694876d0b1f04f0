"""The dashboard: its row of the route table."""

from __future__ import annotations

from typing import Final

from payflow.api.dashboard.reading import read_dashboard
from payflow.api.dashboard.shapes import Dashboard, DashboardQuery
from payflow.api.routing import Access, Answer, Call, Role, Route


async def get_dashboard(call: Call) -> Answer:
    """Answer with what happened over a window."""
    queue = await call.services.queue.numbers_if_any()
    async with call.reading() as connection:
        dashboard = await read_dashboard(connection, call.query.window, queue, call.services.clock())
    return Answer(200, dashboard)


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/dashboard",
        handler=get_dashboard,
        operation_id="getDashboard",
        tag="dashboard",
        summary="Rates, lags, verdicts, states, money, alerts and backlog over a window",
        access=Access.at_least(Role.READ_ONLY),
        query=DashboardQuery,
        answers={200: Dashboard},
    ),
)
