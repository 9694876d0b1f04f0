"""Begins and ends every exchange: correlation id, headers of all answers, a line in the log, counts."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from payflow.api.metering import Meter

CORRELATION_ID_LENGTH_MAX: Final = 128

_HEADER: Final = b"x-correlation-id"
_SERVER_FAULT: Final = 500

ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
"""On every answer, whatever it is."""
DATA_POLICY: Final = (
    b"content-security-policy",
    b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
)
"""For what is not a page; pages bring a policy of their own."""
STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")

log = structlog.get_logger(__name__)


class Exchange:
    """Gives each request its ``state``: ``correlation_id``, ``address``; later ``route``, ``principal``."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an exchange on."""
        correlation_id = correlation_id_of(scope)
        client = scope.get("client")
        # A new dict: servers share the one of the lifespan between requests.
        state = {"correlation_id": correlation_id, "address": client[0] if client else ""}
        scope["state"] = state
        started_s = time.perf_counter()
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            kind = message["type"]
            if kind == "http.response.start":
                status = message["status"]
                message["headers"] = _marked(message["headers"], scope, correlation_id)
            elif kind == "websocket.accept":
                status = 101
                message["headers"] = [*message.get("headers", ()), (_HEADER, correlation_id.encode())]
            await send(message)

        self._meter.begin()
        try:
            await self._app(scope, receive, send_marked)
        finally:
            self._end(scope, status, time.perf_counter() - started_s)

    def _end(self, scope: Scope, status: int, duration_s: float) -> None:
        state = scope["state"]
        route, principal = state.get("route"), state.get("principal")
        operation = route.operation_id if route is not None else state.get("operation", "unknown")
        self._meter.end(operation, status, duration_s)
        say = log.error if status >= _SERVER_FAULT else log.info
        say(
            "request",
            method=scope.get("method", "WEBSOCKET"),
            # Without its query, which may hold what is nobody's business.
            path=scope["path"],
            operation=operation,
            status=status,
            duration_ms=round(duration_s * 1_000, 2),
            address=state["address"],
            user_id=principal.user_id if principal is not None else None,
            correlation_id=state["correlation_id"],
        )


def _marked(
    headers: list[tuple[bytes, bytes]], scope: Scope, correlation_id: str
) -> list[tuple[bytes, bytes]]:
    marked = [*headers, (_HEADER, correlation_id.encode()), *ALWAYS]
    if not any(name == DATA_POLICY[0] for name, _ in headers):
        marked.append(DATA_POLICY)
    if scope.get("scheme") == "https":
        marked.append(STRICT_TRANSPORT)
    return marked


def correlation_id_of(scope: Scope) -> str:
    """Take the caller's correlation id, if it is 1 to 128 printable characters; else make one."""
    for name, value in scope["headers"]:
        if name == _HEADER:
            given: str = value.decode("latin-1")
            if 0 < len(given) <= CORRELATION_ID_LENGTH_MAX and given.isascii() and given.isprintable():
                return given
    return secrets.token_hex(16)
