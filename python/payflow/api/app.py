"""The ASGI application, put together from routes, sockets, pages, and what exchanges go through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.websockets import WebSocket

from payflow.api.console_files import ConsoleFiles
from payflow.api.docs.pages import PATHS as DOCS
from payflow.api.docs.pages import send_docs
from payflow.api.health.pages import HealthPages
from payflow.api.middleware.cors import Cors
from payflow.api.middleware.exchange import Exchange
from payflow.api.middleware.forwarded import Forwarded
from payflow.api.routes import ROUTES
from payflow.api.routing.table import PREFIX, Table
from payflow.api.sockets import SOCKETS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from payflow.api.services import Services

_READS: Final = frozenset({"GET", "HEAD"})


def application(services: Services) -> ASGIApp:
    """Make the application of one process; it has no lifespan: services are opened before it is made."""
    options = services.options
    app: ASGIApp = Doors(services)
    if options.cors_origins:
        app = Cors(app, options.cors_origins)
    app = Exchange(app, services.meter)
    if options.trusted_proxies:
        app = Forwarded(app, options.trusted_proxies, services.settings.api.forwarded_header)
    return app


class Doors:
    """Leads each exchange to the part that serves it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._table = Table(ROUTES, services)
        self._health = HealthPages(services)
        self.console = ConsoleFiles()
        self._sockets = {PREFIX + socket.path: socket for socket in SOCKETS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one exchange."""
        path: str = scope["path"]
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif path.startswith("/api/") and path not in DOCS:
            await self._table(scope, receive, send)
        elif scope["method"] not in _READS:
            # The table knows what to say of addresses that are none of its own.
            await self._table(scope, receive, send)
        elif path in DOCS:
            scope["state"]["operation"] = "docs"
            await send_docs(path, send)
        elif path in self._health.by_path:
            if self._health.may_see(path, scope["state"]["address"]):
                scope["state"]["operation"] = path.removeprefix("/")
                await self._health.by_path[path](scope, send)
            else:
                await self._table(scope, receive, send)  # to strangers it is no address at all
        else:
            scope["state"]["operation"] = "console"
            await self.console.serve(scope, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = self._sockets.get(scope["path"])
        websocket = WebSocket(scope, receive, send)
        if socket is None:
            await websocket.close()
            return
        scope["state"]["operation"] = socket.path.removeprefix("/")
        await socket.handler(websocket, self._services)
