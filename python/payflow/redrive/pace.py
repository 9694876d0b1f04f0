"""Keeps to a rate: so many a second, evenly."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["RATE_MAX_PER_S", "Pace"]

RATE_MAX_PER_S: Final = 10_000


class Pace:
    """Lets so many through a second; what was not used is not saved up."""

    def __init__(
        self,
        per_s: int,
        clock_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._per_s = per_s
        self._clock_s = clock_s
        self._sleep = sleep
        self._free_at_s = clock_s()

    async def take(self, count: int) -> None:
        """Wait until `count` more may go."""
        wait_s = self._free_at_s - self._clock_s()
        if wait_s > 0:
            await self._sleep(wait_s)
        self._free_at_s = max(self._free_at_s, self._clock_s()) + count / self._per_s
