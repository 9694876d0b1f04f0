"""Begins and ends every exchange: its correlation id, the caller's address, a line in the log."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CORRELATION_ID_LENGTH_MAX: Final = 128

_HEADER: Final = b"x-correlation-id"

log = structlog.get_logger(__name__)


class Exchange:
    """Gives each request its ``state``: ``correlation_id``, ``address``; later ``route``, ``principal``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an exchange on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        correlation_id = correlation_id_of(scope)
        client = scope.get("client")
        # A new dict: servers share the one of the lifespan between requests.
        state = {
            **scope.get("state", {}),
            "correlation_id": correlation_id,
            "address": client[0] if client else "",
        }
        scope["state"] = state
        started_s = time.perf_counter()
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.accept"}:
                status = message.get("status", 101)
                message["headers"] = [*message.get("headers", ()), (_HEADER, correlation_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        finally:
            principal = state.get("principal")
            log.info(
                "request",
                method=scope.get("method", "WEBSOCKET"),
                path=scope["path"],
                status=status,
                duration_ms=round((time.perf_counter() - started_s) * 1_000, 2),
                address=state["address"],
                user_id=principal.user_id if principal is not None else None,
                correlation_id=correlation_id,
            )


def correlation_id_of(scope: Scope) -> str:
    """Take the caller's correlation id, if it is 1 to 128 printable characters; else make one."""
    for name, value in scope["headers"]:
        if name == _HEADER:
            given: str = value.decode("latin-1")
            if 0 < len(given) <= CORRELATION_ID_LENGTH_MAX and given.isascii() and given.isprintable():
                return given
    return secrets.token_hex(16)
