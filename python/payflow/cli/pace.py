"""Keeps to a rate: so many a second, evenly."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["RATE_MAX_PER_S", "Pace", "rate_per_s"]

RATE_MAX_PER_S: Final = 10_000
_RATE: Final = re.compile(r"(\d{1,5})(?:/s)?")


def rate_per_s(text: str) -> int:
    """Read `50` or `50/s`.

    Raises:
        ValueError: it is neither, or out of range; the text says what it may be.

    """
    found = _RATE.fullmatch(text)
    rate = int(found[1]) if found else 0
    if not 1 <= rate <= RATE_MAX_PER_S:
        raise ValueError(f"{text!r} is no rate: write 1/s to {RATE_MAX_PER_S}/s")
    return rate


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
