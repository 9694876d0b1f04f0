"""Serves the API until a signal, and stops it in order."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

import structlog
import uvicorn
import uvloop

from payflow.api.app import application
from payflow.api.background import running
from payflow.api.services import open_services
from payflow.errors import DependencyMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.settings import Settings

BACKLOG: Final = 512
IDLE_MAX_S: Final = 75

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
    async with open_services(settings, own_url=url, write=write) as services, running(services):
        server = uvicorn.Server(
            uvicorn.Config(
                application(services),
                http="httptools",
                ws="websockets-sansio",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                timeout_keep_alive=IDLE_MAX_S,
            )
        )
        log.info("api_started", url=url)
        write(f"ready {url}")
        await server.serve([listener])
    log.info("api_stopped")
    return 0


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
    listener.listen(BACKLOG)
    return listener
