"""How many messages wait out a delay: counted by the second at which they come back."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Waits:
    """Messages that this worker has put off. Added to by the event loop, read from any thread.

    What it keeps is bounded by the longest delay in seconds, whatever the number of messages.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        """``clock_s`` gives monotonic seconds."""
        self._clock_s = clock_s
        self._by_end_s: dict[int, int] = {}

    def add(self, delays_s: Iterable[float]) -> None:
        """Count messages, each of which comes back after its delay; one without a delay doesn't wait."""
        now_s = self._clock_s()
        for ended in [end_s for end_s in self._by_end_s if end_s <= now_s]:
            del self._by_end_s[ended]
        for delay_s in delays_s:
            if delay_s > 0:
                end_s = math.ceil(now_s + delay_s)
                self._by_end_s[end_s] = self._by_end_s.get(end_s, 0) + 1

    @property
    def waiting(self) -> int:
        """How many have not come back yet."""
        now_s = self._clock_s()
        # Copying a dict is one step of the interpreter, so the event loop may go on counting meanwhile.
        return sum(count for end_s, count in dict(self._by_end_s).items() if end_s > now_s)
