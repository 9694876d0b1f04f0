"""Counts against budgets: in Redis, which all processes share; in this process alone while Redis is away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage

if TYPE_CHECKING:
    from payflow.api.cache.front import Front

KEY_PREFIX: Final = "payflow:api:budget"


@dataclass(frozen=True)
class Budget:
    """So many of something in each window; the window begins with the first."""

    name: str
    amount: int
    window_s: int

    @property
    def item(self) -> RateLimitItemPerSecond:
        """The same, as `limits` says it."""
        return RateLimitItemPerSecond(self.amount, self.window_s, namespace=KEY_PREFIX)

    def key(self, *names: str) -> str:
        """Name the counter of one user, address or the like."""
        return self.item.key_for(self.name, *names)


class BudgetStore:
    """Adds to counters, and tells what they hold."""

    def __init__(self, front: Front) -> None:
        self._front = front
        # The address is that of the pool; `limits` wants to see one all the same.
        self._shared = RedisStorage(
            "redis://127.0.0.1:6379", implementation="redispy", connection_pool=front.redis.connection_pool
        )
        self._local = MemoryStorage()

    async def add(self, budget: Budget, *names: str, amount: int = 1) -> int:
        """Add to a counter, or give back by a negative amount; give what it holds then."""
        key = budget.key(*names)
        if self._front.usable():
            held = await self._front.attempt(self._shared.incr(key, budget.window_s, amount))
            if held is not None:
                return int(held)
        return await self._local.incr(key, budget.window_s, amount)

    async def clear(self, budget: Budget, *names: str) -> None:
        """Empty a counter."""
        key = budget.key(*names)
        await self._local.clear(key)
        if self._front.usable():
            await self._front.attempt(self._shared.clear(key))

    async def ends_at_s(self, budget: Budget, *names: str) -> float:
        """Give the Unix time at which a counter's window ends."""
        key = budget.key(*names)
        if self._front.usable():
            at_s = await self._front.attempt(self._shared.get_expiry(key))
            if at_s is not None:
                return float(at_s)
        return await self._local.get_expiry(key)
