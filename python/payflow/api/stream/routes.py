"""The stream's row of the route table; the WebSocket itself is in `payflow.api.sockets`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payflow.api.routing import Access, Answer, Call, Role, Route
from payflow.api.stream.shapes import StreamTicket
from payflow.api.stream.tickets import TICKET_TTL_S

if TYPE_CHECKING:
    from payflow.api.services import Services


async def issue_ticket(call: Call) -> Answer:
    """Answer with a ticket."""
    services: Services = call.services
    ticket = services.tickets.issue(call.principal)
    return Answer(200, StreamTicket(ticket=ticket, expires_in_s=TICKET_TTL_S))


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="POST",
        path="/stream/ticket",
        handler=issue_ticket,
        operation_id="createStreamTicket",
        tag="stream",
        summary="Get a ticket that opens one WebSocket",
        description=(
            "Connect to `/api/v1/stream?ticket=...&topics=payments,alerts,metrics` within 30 s, with "
            "`since` to resume and `merchant_id` for one merchant alone; docs/stream.md has the messages."
        ),
        access=Access.at_least(Role.READ_ONLY),
        answers={200: StreamTicket},
    ),
)
