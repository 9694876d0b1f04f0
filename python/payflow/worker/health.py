"""`/livez`, `/readyz` and `/metrics` of one worker, on a thread of their own.

On its own thread the page answers while the event loop is blocked, which is when somebody asks. It only
reads, so whatever it is asked the worker goes on. Connections, their idle time and requests are bounded.
"""

from __future__ import annotations

import asyncio
import contextvars
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import structlog
import uvicorn
from msgspec import to_builtins
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from payflow.breakers import State
from payflow.worker.metrics import registry_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from payflow.worker.observed import Observed

LIVE_LATE_MAX_S: Final = 60.0
"""An event loop that is blocked for longer counts as dead; a shorter pause must not cost a restart."""
READY_LATE_MAX_S: Final = 5.0
SPARED: Final = frozenset({"redis"})
"""Dependencies that a worker does without: slower, but as right as ever."""
CONNECTIONS_MAX: Final = 16
CONNECTION_MAX_S: Final = 30.0
IDLE_MAX_S: Final = 5
HEAD_BYTES_MAX: Final = 16_384
STOP_TIMEOUT_S: Final = 0.5

log = structlog.get_logger(__name__)


def app_of(observed: Observed) -> Starlette:
    """Make the three pages."""
    registry = registry_of(observed)

    async def livez(_request: Request) -> Response:
        live, report = liveness(observed)
        return JSONResponse(report, status_code=200 if live else 503)

    async def readyz(_request: Request) -> Response:
        ready, report = readiness(observed)
        return JSONResponse(report, status_code=200 if ready else 503)

    async def metrics(request: Request) -> Response:
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": media_type})

    return Starlette(
        routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)],
    )


def liveness(observed: Observed) -> tuple[bool, dict[str, Any]]:
    """Tell whether the process still works at all. A dependency that is away is no reason to restart it."""
    late_s = observed.loop.late_s
    live = late_s < LIVE_LATE_MAX_S
    return live, {"live": live, "event_loop_late_s": round(late_s, 3)}


def readiness(observed: Observed) -> tuple[bool, dict[str, Any]]:
    """Tell whether it applies events now, with every reason why not, and the state of each dependency."""
    breakers, late_s = observed.breakers(), observed.loop.late_s
    reasons = [
        f"{name}: {found.reason or found.state}"
        for name, found in breakers.items()
        if found.state != State.CLOSED and name not in SPARED
    ]
    if observed.stopping():
        reasons.append("the worker is stopping")
    if late_s >= READY_LATE_MAX_S:
        reasons.append(f"the event loop has been blocked for {late_s:.1f} s")
    dependencies = [
        {
            "name": name,
            "state": found.state,
            "required": name not in SPARED,
            "reason": found.reason,
            "since": found.since.isoformat(),
            "opened_total": found.opened_total,
        }
        for name, found in breakers.items()
    ]
    # Paused by an operator is as meant: it must not hold up a rolling deploy.
    return not reasons, {
        "ready": not reasons,
        "reasons": reasons,
        "paused_for": observed.paused_for(),
        "fleet": observed.fleet().plain(),
        "dependencies": dependencies,
        # Beyond the limit SQS hands nothing to anybody; that is no reason to restart this worker.
        "in_flight_budget": to_builtins(observed.budget.state()),
    }


class _BoundedServer(uvicorn.Server):
    """Ends connections that last too long, so that callers who never finish asking can't take all places."""

    def __init__(self, config: uvicorn.Config, connection_max_s: float) -> None:
        super().__init__(config)
        self._connection_max_s = connection_max_s
        self._seen_since_s: dict[Any, float] = {}

    async def on_tick(self, counter: int) -> bool:
        """See `uvicorn.Server`, which calls it ten times a second."""
        now_s = time.monotonic()
        self._seen_since_s = {
            connection: self._seen_since_s.get(connection, now_s)
            for connection in self.server_state.connections
        }
        for connection, since_s in self._seen_since_s.items():
            if now_s - since_s > self._connection_max_s:
                connection.transport.abort()
        return await super().on_tick(counter)


class HealthServer:
    """Serves the pages of one worker from `start` to `stop`."""

    def __init__(
        self, observed: Observed, host: str, port: int, connection_max_s: float = CONNECTION_MAX_S
    ) -> None:
        """Bind the address; port 0 takes any that is free. No connection lasts over `connection_max_s`.

        Raises:
            OSError: the address can't be bound.
        """
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        self._socket = socket.socket(family, kind)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(address)
            self._socket.listen(CONNECTIONS_MAX)  # who connects before the thread runs waits for it
        except OSError:
            self._socket.close()
            raise
        self.host: str = host
        self.port: int = self._socket.getsockname()[1]
        self._server = _BoundedServer(
            uvicorn.Config(
                app_of(observed),
                loop="asyncio",
                http=H11Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=CONNECTIONS_MAX,
                limit_concurrency=CONNECTIONS_MAX,
                timeout_keep_alive=IDLE_MAX_S,
                timeout_graceful_shutdown=1,
                h11_max_incomplete_event_size=HEAD_BYTES_MAX,
            ),
            connection_max_s,
        )
        # Daemonic: a page that hangs must not keep a stopped worker alive.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run,
            args=(self._server.run, [self._socket]),
            name="health",
            daemon=True,
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        log.info("health_served", host=self.host, port=self.port)

    async def stop(self) -> None:
        """Answer no more; takes `STOP_TIMEOUT_S` at most."""
        self._server.should_exit = True
        await asyncio.to_thread(self._thread.join, STOP_TIMEOUT_S)
