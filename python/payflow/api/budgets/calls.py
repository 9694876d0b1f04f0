"""Budgets of calls by address and by user: counted here, and settled with other processes ten times a second.

A round trip for each call would cost more than many calls do. So a call is counted and judged by what this
process knows: what all processes had counted at the last settling, and its own calls since. Within a tenth of
a second the processes together may let through more than the budget; never more than that.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.api.budgets.store import Budget, BudgetStore

WINDOW_S: Final = 60
SETTLE_INTERVAL_S: Final = 0.1
COUNTERS_MAX: Final = 50_000
"""Counters at once; past it those of windows that are over go first, then the oldest."""
SIDE_BY_SIDE: Final = 16


class Left(NamedTuple):
    """What is left of a budget after a call."""

    budget: Budget
    allowed: bool
    left: int
    ends_in_s: int


class _Counter:
    __slots__ = ("pending", "shared", "window")

    def __init__(self, window: int) -> None:
        self.window = window
        self.shared = 0
        self.pending = 0


class CallBudgets:
    """Counts calls against budgets, each by name.

    Args:
        store: what is shared with other processes.
        clock_s: Unix time in seconds.

    """

    def __init__(self, store: BudgetStore, clock_s: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock_s = clock_s
        self._counters: dict[tuple[Budget, str], _Counter] = {}
        self._dirty: dict[tuple[Budget, str], None] = {}

    def take(self, budget: Budget, name: str) -> Left:
        """Count one call."""
        now_s = self._clock_s()
        window = int(now_s // budget.window_s)
        key = (budget, name)
        counter = self._counters.get(key)
        if counter is None or counter.window != window:
            counter = self._fresh(key, window)
        counter.pending += 1
        self._dirty[key] = None
        left = budget.amount - counter.shared - counter.pending
        ends_in_s = max(1, int((window + 1) * budget.window_s - now_s))
        return Left(budget, left >= 0, max(0, left), ends_in_s)

    async def settle(self) -> None:
        """Add what was counted since the last time to what all processes share, and learn its sum."""
        dirty, self._dirty = list(self._dirty), {}
        places = asyncio.Semaphore(SIDE_BY_SIDE)
        await asyncio.gather(*(self._settle_one(key, places) for key in dirty))

    async def keep_settled(self) -> None:
        """Settle until cancelled."""
        while True:
            await asyncio.sleep(SETTLE_INTERVAL_S)
            if self._dirty:
                await self.settle()

    async def _settle_one(self, key: tuple[Budget, str], places: asyncio.Semaphore) -> None:
        counter = self._counters.get(key)
        if counter is None or not counter.pending:
            return
        budget, name = key
        sent = counter.pending
        async with places:
            held = await self._store.add(budget, name, str(counter.window), amount=sent)
        counter.shared = held
        counter.pending -= sent

    def _fresh(self, key: tuple[Budget, str], window: int) -> _Counter:
        if len(self._counters) >= COUNTERS_MAX:
            over = [other for other, counter in self._counters.items() if counter.window < window]
            for other in over or list(self._counters)[: COUNTERS_MAX // 10]:
                del self._counters[other]
        counter = self._counters[key] = _Counter(window)
        return counter


def headers_of(left: Left) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    """Give the standard headers of a budget (draft-ietf-httpapi-ratelimit-headers)."""
    budget = left.budget
    return (
        (b"ratelimit-policy", b'"%b";q=%d;w=%d' % (budget.name.encode(), budget.amount, budget.window_s)),
        (b"ratelimit", b'"%b";r=%d;t=%d' % (budget.name.encode(), left.left, left.ends_in_s)),
    )
