"""Calls from pages of other origins: refused by their browsers unless the origin is named in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS: Final = b"GET, POST, PUT, PATCH, DELETE"
HEADERS: Final = b"Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Correlation-Id"
EXPOSED: Final = b"ETag, X-Correlation-Id, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed"
PREFLIGHT_AGE_S: Final = b"600"


class Cors:
    """Answers preflights of the origins that are allowed, and marks the answers to their calls.

    Cookies are never allowed along: signing in by cookie is for the console's own origin.
    """

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self._app = app
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an exchange on, or answer a preflight."""
        origin = _header(scope, b"origin") if scope["type"] == "http" else None
        if origin is None or origin not in self._origins:
            await self._app(scope, receive, send)
            return
        allowed = [(b"access-control-allow-origin", origin), (b"vary", b"Origin")]
        if scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method") is not None:
            headers = [
                *allowed,
                (b"access-control-allow-methods", METHODS),
                (b"access-control-allow-headers", HEADERS),
                (b"access-control-max-age", PREFLIGHT_AGE_S),
            ]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", ()),
                    *allowed,
                    (b"access-control-expose-headers", EXPOSED),
                ]
            await send(message)

        await self._app(scope, receive, send_marked)


def _header(scope: Scope, wanted: bytes) -> bytes | None:
    for name, value in scope["headers"]:
        if name == wanted:
            found: bytes = value
            return found
    return None
