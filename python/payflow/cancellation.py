"""Ends tasks for sure: one request is not enough while libraries wait as Python 3.11 does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["cancel_surely"]

AGAIN_S: Final = 0.2
GIVE_UP_S: Final = 10.0


async def cancel_surely(tasks: Iterable[asyncio.Task[Any]], *, give_up_s: float = GIVE_UP_S) -> bool:
    """Cancel tasks, and again until all have ended; what they raise is dropped.

    `asyncio.wait_for` of Python 3.11 loses a cancellation that comes as its wait ends
    (https://github.com/python/cpython/issues/86296), and the drivers of both databases wait that way: a task
    that is asked once can go on for ever.

    Args:
        tasks: what shall end.
        give_up_s: how long a task may take that waits for something uncancellable.

    Returns:
        Whether all have ended.

    """
    loop = asyncio.get_running_loop()
    pending, ends_s = set(tasks), loop.time() + give_up_s
    while pending and (left_s := ends_s - loop.time()) > 0:
        for task in pending:
            task.cancel()
        done, pending = await asyncio.wait(pending, timeout=min(AGAIN_S, left_s))
        for task in done:
            if not task.cancelled():
                task.exception()  # looked at, so that nothing is printed about it
    return not pending
