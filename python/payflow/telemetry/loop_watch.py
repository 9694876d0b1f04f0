"""How late the event loop is: a task that means to wake at a time, and notes when it did."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from payflow.telemetry.buckets import DURATION_BOUNDS_S, Buckets

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

INTERVAL_S: Final = 0.1


class LoopWatch:
    """Samples the lag of the event loop ten times a second; readable from other threads meanwhile."""

    def __init__(
        self,
        clock_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``clock_s`` gives monotonic seconds."""
        self._clock_s = clock_s
        self._sleep = sleep
        self.lags = Buckets(DURATION_BOUNDS_S)
        self._due_s = clock_s()

    async def run(self) -> None:
        """Sample until cancelled."""
        while True:
            self._due_s = self._clock_s() + INTERVAL_S
            await self._sleep(INTERVAL_S)
            self.lags.observe(self.late_s)

    @property
    def late_s(self) -> float:
        """How long the loop is overdue at this moment, in seconds: the length so far of what blocks it."""
        return max(0.0, self._clock_s() - self._due_s)
