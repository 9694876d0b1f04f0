"""Tickets that open one WebSocket each: browsers can't send a token with it, and an address is logged."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from payflow.api.routing.problems import UNAUTHORIZED, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payflow.api.cache.front import Front
    from payflow.api.routing.access import Principal
    from payflow.api.routing.cursors import Cursors

TICKET_TTL_S: Final = 30
_BOUND_TO: Final = b"stream-ticket"


class Tickets:
    """Issues and takes tickets; any process takes those of another.

    Args:
        seals: signs them.
        front: remembers in Redis which were used; while it is away, one may be used until it expires.
        clock: the time in UTC.

    """

    def __init__(self, seals: Cursors, front: Front, clock: Callable[[], datetime]) -> None:
        self._seals = seals
        self._front = front
        self._clock = clock

    def issue(self, principal: Principal) -> str:
        """Give a ticket for whoever asks."""
        expires_s = self._clock().timestamp() + TICKET_TTL_S
        content = [principal.user_id, principal.session_id, expires_s, secrets.token_hex(8)]
        return self._seals.seal(content, _BOUND_TO)

    async def take(self, ticket: str) -> tuple[str, str]:
        """Give the user and the session of a ticket, once.

        Raises:
            ProblemError: it is none of ours, has expired, or was used.

        """
        try:
            content: Any = self._seals.open(ticket, _BOUND_TO)
        except ProblemError:
            raise ProblemError(UNAUTHORIZED, detail="the ticket is none of ours") from None
        user_id, session_id, expires_s, nonce = content
        if self._clock().timestamp() > expires_s:
            raise ProblemError(UNAUTHORIZED, detail="the ticket has expired; ask for another one")
        if self._front.usable():
            key = f"payflow:api:ticket:{nonce}"
            first = await self._front.attempt(self._front.redis.set(key, b"", nx=True, ex=TICKET_TTL_S))
            if first is None and self._front.breaker.closed:
                raise ProblemError(UNAUTHORIZED, detail="the ticket was used already; ask for another one")
        return user_id, session_id
