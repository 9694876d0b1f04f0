"""Calls to Redis that end when they shall: at their deadline, and when their task is cancelled."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["within"]


@asynccontextmanager
async def within(deadline_s: float) -> AsyncIterator[None]:
    """Bound what happens inside, and let no cancellation get lost there.

    The driver writes by `asyncio.wait_for`, which up to Python 3.11 drops a cancellation that meets its end:
    a task that loops over such calls would go on for ever, and its worker never end.

    Raises:
        TimeoutError: it took too long.

    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        async with asyncio.timeout(deadline_s):
            yield
    finally:
        if task and task.cancelling() > before:
            raise asyncio.CancelledError
