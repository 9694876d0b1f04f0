"""Tickets: a browser can't send a header with a WebSocket, and a token in an address ends up in logs.

A ticket is signed, lives for seconds and opens one connection. It names a session; what that may do is looked
up when it is used. Redis remembers which were used; while it is away, each process remembers its own.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from payflow.api.auth.tokens import Claims
from payflow.api.routing.problems import UNAUTHORIZED, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.api.cache.front import Front
    from payflow.api.routing.access import Principal
    from payflow.api.routing.cursors import Cursors

__all__ = ["TTL_S", "Tickets"]

TTL_S: Final = 30
REMEMBERED_MAX: Final = 10_000
TICKET_LENGTH_MAX: Final = 512
_BOUND_TO: Final = b"stream-ticket"


class Tickets:
    """Issues and takes tickets.

    Args:
        seals: signs them.
        front: Redis.
        clock_s: Unix time in seconds.

    """

    def __init__(self, seals: Cursors, front: Front, clock_s: Callable[[], float]) -> None:
        self._seals = seals
        self._front = front
        self._clock_s = clock_s
        self._used: OrderedDict[str, None] = OrderedDict()

    def issue(self, principal: Principal) -> str:
        """Give a ticket for a session."""
        expires_s = int(self._clock_s()) + TTL_S
        nonce = secrets.token_urlsafe(12)
        return self._seals.seal([principal.user_id, principal.session_id, expires_s, nonce], _BOUND_TO)

    async def take(self, ticket: str) -> Claims:
        """Read a ticket and use it up.

        Raises:
            ProblemError: unauthorized, when it is not ours, too old, or was used.

        """
        if not 0 < len(ticket) <= TICKET_LENGTH_MAX:
            raise _refused()
        try:
            user_id, session_id, expires_s, nonce = self._seals.open(ticket, _BOUND_TO)
        except ProblemError:
            raise _refused() from None
        if expires_s <= self._clock_s() or not await self._first_use(nonce):
            raise _refused()
        return Claims(user_id, session_id, expires_s)

    async def _first_use(self, nonce: str) -> bool:
        if nonce in self._used:
            return False
        self._used[nonce] = None
        if len(self._used) > REMEMBERED_MAX:
            self._used.popitem(last=False)
        if not self._front.usable():
            return True
        answer: Any = await self._front.attempt(
            self._front.redis.set(f"payflow:api:ticket:{nonce}", b"1", nx=True, ex=2 * TTL_S)
        )
        # A key that was there is no answer either; only an outage leaves Redis unusable.
        return answer is not None or not self._front.breaker.closed


def _refused() -> ProblemError:
    return ProblemError(UNAUTHORIZED, detail="the ticket is not valid any more; get a new one")
