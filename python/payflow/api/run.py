"""Serves the API until a signal, and stops it in order."""

from __future__ import annotations

import asyncio
import math
import signal
import socket
from typing import TYPE_CHECKING, Final

import structlog
import uvicorn
import uvloop

from payflow.api.app import application
from payflow.api.background import running
from payflow.api.services import open_services
from payflow.errors import DependencyMissing, StoreUnavailable
from payflow.ledger.schema import require_current

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from payflow.api.services import Services
    from payflow.settings import Settings

BACKLOG: Final = 512
IDLE_MAX_S: Final = 75
WS_MESSAGE_BYTES_MAX: Final = 16_384
"""Of what a reader of the stream says, which is little."""
STUCK_MAX_MS: Final = 30_000
"""A peer that acknowledges nothing for so long is cut off, also amid an answer."""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

log = structlog.get_logger(__name__)


def run_api(settings: Settings, *, write: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code: 0 after a clean stop.

    Args:
        settings: the settings in force.
        write: prints a line: `ready URL` once the port is open, and mails, if that is how they are sent.

    Raises:
        PayFlowError: a leaf whose fate is `stop`, if the API can't start.

    """
    return uvloop.run(_run(settings, write))


async def _run(settings: Settings, write: Callable[[str], None]) -> int:
    api = settings.api
    listener = _listen(api.host, api.port)
    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    async with open_services(settings, own_url=url, write=write) as services:
        await _require_schema(services)
        async with running(services):
            server = ApiServer(services)
            log.info("api_started", url=url)
            write(f"ready {url}")
            await server.serve([listener])
    log.info("api_stopped")
    return 0


class ApiServer(uvicorn.Server):
    """Serves one process's application; when it is told to stop, calls under way are finished first.

    New connections are refused at once, open WebSockets are closed with 1012 so that clients come back to
    another process, and what isn't done within the shutdown timeout is cancelled.
    """

    def __init__(self, services: Services, app: ASGIApp | None = None) -> None:
        self._services = services
        super().__init__(
            uvicorn.Config(
                app or application(services),
                http="httptools",
                ws="websockets-sansio",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                timeout_keep_alive=IDLE_MAX_S,
                timeout_graceful_shutdown=math.ceil(services.settings.api.shutdown_timeout_s),
                ws_max_size=WS_MESSAGE_BYTES_MAX,
                # What is told is small, and compressing it for each reader costs more than it saves.
                ws_per_message_deflate=False,
            )
        )

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal; the second one doesn't wait."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.stop)
        try:
            await self._serve(sockets)
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    def stop(self) -> None:
        """Stop in order; asked again, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._services.stopping = True


async def _require_schema(services: Services) -> None:
    """Refuse to serve on another schema; a database that is away now is looked at by its calls.

    Raises:
        StoreOutdated: names both revisions and the command to run.

    """
    try:
        async with services.database.connection() as connection:
            await require_current(connection)
    except StoreUnavailable as error:
        log.warning("started_without_database", reason=str(error))


def _listen(host: str, port: int) -> socket.socket:
    """Bind the port before anything else is opened.

    Raises:
        DependencyMissing: when it can't be had.

    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise DependencyMissing(
            f"{host}:{port}, which the API listens on, can't be used: {error.strerror}; "
            "stop what listens there, or set PAYFLOW_API_PORT to another one (0: any free)"
        ) from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MAX_MS)
    listener.listen(BACKLOG)
    return listener
