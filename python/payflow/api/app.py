"""The ASGI application, put together from the routes, the sockets and what exchanges go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.websockets import WebSocket

from payflow.api.middleware.exchange import Exchange
from payflow.api.routes import ROUTES
from payflow.api.routing.table import PREFIX, Table
from payflow.api.sockets import SOCKETS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from payflow.api.services import Services


def application(services: Services) -> ASGIApp:
    """Make the application of one process; it needs no lifespan of its own."""
    return Exchange(_Doors(services))


class _Doors:
    """Leads each exchange to the part that serves it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._table = Table(ROUTES, services)
        self._sockets = {PREFIX + socket.path: socket for socket in SOCKETS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._table(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = self._sockets.get(scope["path"])
        websocket = WebSocket(scope, receive, send)
        if socket is None:
            await websocket.close()
            return
        await socket.handler(websocket, self._services)
