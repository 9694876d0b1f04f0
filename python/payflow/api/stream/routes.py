"""The stream's ticket: its row of the route table."""

from __future__ import annotations

from typing import Final

from payflow.api.routing import Answer, Call, Route
from payflow.api.stream.access import ACCESS
from payflow.api.stream.shapes import StreamTicket
from payflow.api.stream.tickets import TTL_S


async def create_ticket(call: Call) -> Answer:
    """Give a ticket that opens one connection."""
    ticket = call.services.tickets.issue(call.principal)
    return Answer(200, StreamTicket(ticket=ticket, expires_in_s=TTL_S), {"cache-control": "no-store"})


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="POST",
        path="/stream/ticket",
        handler=create_ticket,
        operation_id="createStreamTicket",
        tag="stream",
        summary="A ticket that opens one connection to the stream",
        description="`/api/v1/stream` is a WebSocket; docs/stream.md says what goes over it.",
        access=ACCESS,
        answers={200: StreamTicket},
    ),
)
