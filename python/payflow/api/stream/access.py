"""Whether those who listen still may: asked when somebody's access changes, and now and then anyway."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from payflow.api.auth.tokens import Claims
from payflow.api.routing.access import Access, Role
from payflow.api.routing.problems import ProblemError
from payflow.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payflow.api.services import Services
    from payflow.api.stream.subscriber import Subscriber

__all__ = ["ACCESS", "ENDED", "FORBIDDEN", "keep_access_checked"]

ACCESS: Final = Access.at_least(Role.READ_ONLY)
ENDED: Final = 4001
"""Close code: the session is over, or its role is another one; a new ticket says which."""
FORBIDDEN: Final = 4003
"""Close code: the role does not reach."""
DEAF_INTERVAL_S: Final = 1.0
"""How often all are asked after while the news of changes can't be heard."""
EVERYBODY_INTERVAL_S: Final = 60.0
AT_ONCE_MAX: Final = 4


async def keep_access_checked(services: Services) -> None:
    """Check for ever, as soon as the news names a user who listens."""
    told: set[str] = set()
    woken = asyncio.Event()

    def changed(user_id: str) -> None:
        told.add(user_id)
        woken.set()

    unsubscribe = services.auth.news.subscribe(changed)
    everybody_at_s = time.monotonic() + EVERYBODY_INTERVAL_S
    try:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(DEAF_INTERVAL_S):
                    await woken.wait()
            woken.clear()
            users, everybody = set(told), not services.auth.access.hears_news
            told.clear()
            if time.monotonic() >= everybody_at_s:
                everybody, everybody_at_s = True, time.monotonic() + EVERYBODY_INTERVAL_S
            await _check(
                services,
                [one for one in services.hub.subscribers if everybody or one.principal.user_id in users],
            )
    finally:
        unsubscribe()


async def _check(services: Services, subscribers: Iterable[Subscriber]) -> None:
    """Ask after each session once, whatever number of connections it has."""
    by_session: dict[str, list[Subscriber]] = {}
    for subscriber in subscribers:
        by_session.setdefault(subscriber.principal.session_id, []).append(subscriber)
    turns = asyncio.Semaphore(AT_ONCE_MAX)

    async def check(of_session: list[Subscriber]) -> None:
        async with turns:
            await _check_session(services, of_session)

    await asyncio.gather(*(check(of_session) for of_session in by_session.values()))


async def _check_session(services: Services, subscribers: list[Subscriber]) -> None:
    known = subscribers[0].principal
    try:
        principal = await services.auth.access.settle(Claims(known.user_id, known.session_id, 0), None, None)
    except ProblemError:
        for subscriber in subscribers:
            subscriber.end(ENDED)
        return
    except StoreError:
        return  # nobody can say; it is asked again, and meanwhile there is nothing to tell either
    for subscriber in subscribers:
        if not ACCESS.allows(principal):
            subscriber.end(FORBIDDEN)
        elif principal.role is not subscriber.principal.role:
            subscriber.end(ENDED)  # with the next ticket comes the new role
