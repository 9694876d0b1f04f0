"""Buckets on a real server: the rate is kept by all workers together, and shared out fairly."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from payflow.fleet import FleetKeys
from payflow.fleet.buckets import Ask, SharedBuckets, burst_of

if TYPE_CHECKING:
    from redis.asyncio import Redis

KEYS = FleetKeys("books")
DEADLINE_S = 5.0
MUCH = 100_000


def worker(redis: Redis, name: str) -> SharedBuckets:
    return SharedBuckets(redis, KEYS, name, DEADLINE_S)


async def redis_s(redis: Redis) -> float:
    seconds, micros = await redis.time()
    return float(seconds) + float(micros) / 1e6


async def rounds(redis: Redis, workers: list[SharedBuckets], ask: Ask, count: int) -> tuple[list[int], float]:
    """Let the workers ask in turn; give what each got, and how long it took by the server's clock."""
    began_s, granted = await redis_s(redis), [0] * len(workers)
    for _ in range(count):
        for place, asking in enumerate(workers):
            granted[place] += (await asking.take({"": ask}))[""].granted
        await asyncio.sleep(0.005)
    return granted, await redis_s(redis) - began_s


async def test_no_more_is_granted_than_flows_in_and_hardly_less(redis: Redis) -> None:
    rate = 2_000.0
    workers = [worker(redis, f"w{number}") for number in range(3)]
    granted, took_s = await rounds(redis, workers, Ask(rate, MUCH), 100)
    assert sum(granted) <= rate * took_s
    assert sum(granted) >= rate * took_s * 0.9 - burst_of(rate)


async def test_workers_that_all_want_more_get_the_same(redis: Redis) -> None:
    workers = [worker(redis, f"w{number}") for number in range(4)]
    granted, _ = await rounds(redis, workers, Ask(1_000.0, MUCH), 150)
    assert max(granted) - min(granted) <= 0.1 * max(granted) + 5, granted


async def test_what_one_leaves_goes_to_the_others(redis: Redis) -> None:
    idle, busy = worker(redis, "idle"), worker(redis, "busy")
    granted, began_s = 0, await redis_s(redis)
    for _ in range(100):
        assert (await idle.take({"": Ask(2_000.0, 0)}))[""].granted == 0
        granted += (await busy.take({"": Ask(2_000.0, MUCH)}))[""].granted
        await asyncio.sleep(0.005)
    took_s = await redis_s(redis) - began_s
    # What the idle one keeps for itself is at most its part of the burst.
    assert granted >= 2_000 * took_s * 0.9 - burst_of(2_000)


async def test_a_worker_that_is_gone_no_longer_shares(redis: Redis) -> None:
    gone, stays = worker(redis, "gone"), worker(redis, "stays")
    await gone.take({"": Ask(100.0, 1)})
    assert (await stays.take({"": Ask(100.0, 1)}))[""].sharers == 2
    # As if it had asked long ago.
    await redis.zadd(f"{KEYS.bucket}:sharers", {"gone": 1})
    assert (await stays.take({"": Ask(100.0, 1)}))[""].sharers == 1
    assert await redis.hget(KEYS.bucket, "credit:gone") is None


async def test_a_newcomer_gets_nothing_for_the_time_before_it(redis: Redis) -> None:
    old = worker(redis, "old")
    await old.take({"": Ask(50.0, 0)})
    await asyncio.sleep(0.05)
    began_s = await redis_s(redis)
    first = (await worker(redis, "new").take({"": Ask(50.0, MUCH)}))[""]
    assert first.sharers == 2
    assert first.granted <= (await redis_s(redis) - began_s + 0.05) * 50 + 1


@pytest.mark.parametrize("moved_ms", [-3_600_000, 3_600_000])
async def test_a_clock_that_is_stepped_gives_out_two_bursts_at_most(redis: Redis, moved_ms: int) -> None:
    asking = worker(redis, "w")
    await asking.take({"": Ask(100.0, 0)})
    at_ms = float(await redis.hget(KEYS.bucket, "at") or 0)
    await redis.hset(KEYS.bucket, "at", at_ms - moved_ms)
    granted = [(await asking.take({"": Ask(100.0, MUCH)}))[""].granted for _ in range(5)]
    assert sum(granted) <= 2 * burst_of(100.0) + 5, granted


async def test_a_flushed_redis_gives_nothing_away(redis: Redis) -> None:
    asking = worker(redis, "w")
    await asking.take({"": Ask(100.0, 0)})
    for _ in range(5):
        await redis.flushall()
        assert (await asking.take({"": Ask(100.0, MUCH)}))[""].granted == 0


async def test_merchants_have_buckets_of_their_own_in_one_call(redis: Redis) -> None:
    asking = worker(redis, "w")
    asks = {"m_1": Ask(1_000.0, MUCH), "m_2": Ask(10.0, MUCH)}
    await asking.take(asks)
    await asyncio.sleep(0.2)
    granted = await asking.take(asks)
    assert granted["m_1"].granted > granted["m_2"].granted
    assert granted["m_2"].granted <= 10
