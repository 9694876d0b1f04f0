"""The health page as a route."""

from __future__ import annotations

from payflow.api.health.shapes import Health
from payflow.api.routing.access import Access
from payflow.api.routing.route import Answer, Call, Route


async def get_health(call: Call) -> Answer:
    """Answer with the state of everything; the page itself always answers."""
    return Answer(200, await call.services.health.health())


ROUTES = (
    Route(
        method="GET",
        path="/health",
        handler=get_health,
        operation_id="getHealth",
        tag="health",
        summary="State of the API and of every server that it needs, with latencies",
        access=Access.SIGNED_IN,
        answers={200: Health},
    ),
)
