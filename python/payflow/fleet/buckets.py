"""Rates that all workers of a fleet keep together: token buckets in Redis, fair between the workers.

One Lua call a tick and worker, with a deadline. When Redis is away each worker lives on an equal share of the
rate, by the number of live workers that was last known, until Redis is back.
"""

from __future__ import annotations

import time
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from payflow.fleet.redis_calls import within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from payflow.fleet.channel import FleetKeys

__all__ = ["Ask", "EqualShare", "Grant", "Rations", "SharedBuckets", "burst_of"]

BURST_S: Final = 0.5
"""How much of a rate is saved up while nobody uses it: half a second of it, and one at least."""
SILENT_MS: Final = 2_000
"""A worker that has not asked for so long no longer shares; its part goes to the others."""
HOLD_OFF_S: Final = 1.0
"""After a failed call Redis is left alone for a moment."""
_ROUNDING: Final = 1e-9

_TAKE = (files("payflow.fleet") / "take.lua").read_text()


class Ask(NamedTuple):
    """What a worker wants out of one bucket."""

    rate_per_s: float
    wanted: int


class Grant(NamedTuple):
    """What it gets."""

    granted: int
    sharers: int
    """Workers that share the bucket, this one included."""


def burst_of(rate_per_s: float) -> float:
    """Give the most that a bucket saves up."""
    return max(1.0, rate_per_s * BURST_S)


class SharedBuckets:
    """The buckets in Redis. An empty name is the bucket of all deliveries, others are of merchants."""

    def __init__(self, redis: Any, keys: FleetKeys, worker_id: str, deadline_s: float) -> None:
        self._script = redis.register_script(_TAKE)
        self._keys = keys
        self._worker_id = worker_id
        self._deadline_s = deadline_s

    async def take(self, asks: Mapping[str, Ask]) -> dict[str, Grant]:
        """Take from several buckets in one call.

        Raises:
            Exception: whatever the driver raises when Redis is away, or ValueError for an answer that no
                script of ours gives.

        """
        keys: list[str] = []
        arguments: list[str | float] = [self._worker_id, SILENT_MS]
        for name, ask in asks.items():
            bucket = self._keys.merchant_bucket(name) if name else self._keys.bucket
            keys += (bucket, f"{bucket}:sharers")
            arguments += (ask.rate_per_s, burst_of(ask.rate_per_s), ask.wanted)
        async with within(self._deadline_s):
            answer = await self._script(keys=keys, args=arguments)
        return dict(zip(asks, _grants(answer, list(asks.values())), strict=True))


def _grants(answer: Any, asks: list[Ask]) -> list[Grant]:
    """Read an answer; one that grants more than was asked for is a lie."""
    if not isinstance(answer, list) or len(answer) != 2 * len(asks):
        raise ValueError("no answer of the bucket's script")
    grants = [Grant(*answer[place : place + 2]) for place in range(0, len(answer), 2)]
    for grant, ask in zip(grants, asks, strict=True):
        if not (isinstance(grant.granted, int) and isinstance(grant.sharers, int)):
            raise ValueError("no answer of the bucket's script")  # noqa: TRY004 - the answer's fault, like above
        if not 0 <= grant.granted <= ask.wanted or grant.sharers < 1:
            raise ValueError("no answer of the bucket's script")
    return grants


class EqualShare:
    """One worker's part of a rate, when each keeps to its own."""

    def __init__(self, now_s: float) -> None:
        self._at_s = now_s
        self._credit = 0.0

    def begin(self, now_s: float) -> None:
        """Start from nothing: until now somebody else gave out."""
        self._at_s, self._credit = now_s, 0.0

    def take(self, ask: Ask, workers: int, now_s: float) -> int:
        """Give what has come in since the last time, up to what is wanted."""
        earned = max(0.0, now_s - self._at_s) * ask.rate_per_s / workers
        self._at_s = now_s
        # Two at least: one that is whole must not stop the next one from growing.
        self._credit = min(self._credit + earned, max(2.0, burst_of(ask.rate_per_s) / workers))
        # Ten times a tenth is a little less than one.
        granted = min(ask.wanted, int(self._credit + _ROUNDING))
        self._credit = max(0.0, self._credit - granted)
        return granted


class Rations:
    """What one worker may have of each rate, whether Redis is there or not. Never raises.

    Args:
        shared: takes from the buckets in Redis.
        clock_s: monotonic seconds.

    """

    def __init__(self, shared: SharedBuckets, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._shared = shared
        self._clock_s = clock_s
        self.workers_live = 1
        """How many workers share the rates, as far as is known."""
        self._alone: dict[str, EqualShare] = {}
        self._held_off_until_s = 0.0
        self.granted: Counter[str] = Counter({"redis": 0, "equal_share": 0})
        """Deliveries allowed, by who gave the numbers out."""
        self.failures = 0
        """Calls to Redis that failed."""

    async def take(self, asks: Mapping[str, Ask]) -> dict[str, Grant]:
        """Take from several buckets at once; the empty name is the bucket of all deliveries."""
        for name in asks:
            self._alone.setdefault(name, EqualShare(self._clock_s()))
        if self._clock_s() >= self._held_off_until_s:
            try:
                grants = await self._shared.take(asks)
            except Exception:  # noqa: BLE001 - drivers raise what they like; the work goes on without Redis
                self.failures += 1
                self._held_off_until_s = self._clock_s() + HOLD_OFF_S
            else:
                for name in asks:
                    self._alone[name].begin(self._clock_s())
                self.granted["redis"] += sum(grant.granted for grant in grants.values())
                return grants
        workers = max(self.workers_live, 1)
        grants = {
            name: Grant(self._alone[name].take(ask, workers, self._clock_s()), workers)
            for name, ask in asks.items()
        }
        self.granted["equal_share"] += sum(grant.granted for grant in grants.values())
        return grants

    async def turns(self, waiting: Mapping[str, tuple[float, int]]) -> dict[str, int]:
        """Give how many events of each merchant may go on, by its rate and how many of it wait."""
        grants = await self.take({name: Ask(*wanted) for name, wanted in waiting.items()})
        return {name: grant.granted for name, grant in grants.items()}
