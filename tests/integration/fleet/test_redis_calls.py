"""A task that calls Redis in a loop ends when it is cancelled, whatever the driver makes of that."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import pytest
from payflow.fleet.redis_calls import within

if TYPE_CHECKING:
    from redis.asyncio import Redis


async def test_a_cancellation_is_not_lost_in_the_driver(redis: Redis) -> None:
    random = Random(1)  # noqa: S311 - test data

    async def keep_calling() -> None:
        while True:
            async with within(5.0):
                await redis.ping()

    for _ in range(300):
        calling = asyncio.create_task(keep_calling())
        for _ in range(random.randint(1, 30)):
            await asyncio.sleep(0)
        calling.cancel()
        async with asyncio.timeout(5.0):
            with pytest.raises(asyncio.CancelledError):
                await calling


async def test_what_takes_too_long_is_ended(redis: Redis) -> None:
    with pytest.raises(TimeoutError):
        async with within(0.05):
            await redis.xread({"nothing": "$"}, block=0)
