"""Reads of Redis travel together, and a Redis that is away is not waited for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from payflow.api.cache.front import KEYS_MAX, LATE_MAX, Front
from payflow.breakers.breaker import ProbeDelays
from payflow.breakers.breakers import Breakers
from redis.exceptions import ConnectionError as RedisConnectionError


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Server:
    """Answers MGET with the keys themselves, or as it is told."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.failure: Exception | None = None
        self.silent = False

    async def mget(self, keys: list[str]) -> list[bytes]:
        self.asked.append(list(keys))
        if self.silent:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure
        return [key.encode() for key in keys]


def front(server: Any, clock: Clock, deadline_s: float = 5.0) -> Front:
    breakers = Breakers(clock, lambda: datetime.now(UTC))
    return Front(server, breakers.add("redis", ProbeDelays(1.0, 1.0)), deadline_s)


async def test_reads_of_one_turn_are_one_command_and_each_gets_its_own_values() -> None:
    server = Server()
    reads = front(server, Clock())
    found = await asyncio.gather(*(reads.read([f"a{n}", f"b{n}"]) for n in range(20)))
    assert found == [[f"a{n}".encode(), f"b{n}".encode()] for n in range(20)]
    assert len(server.asked) == 1


async def test_a_command_has_a_bounded_number_of_keys() -> None:
    server = Server()
    reads = front(server, Clock())
    found = await asyncio.gather(*(reads.read([f"a{n}", f"b{n}"]) for n in range(KEYS_MAX)))
    assert found == [[f"a{n}".encode(), f"b{n}".encode()] for n in range(KEYS_MAX)]
    assert max(map(len, server.asked)) <= KEYS_MAX + 1


async def test_a_reader_that_gives_up_does_not_disturb_the_others() -> None:
    server = Server()
    reads = front(server, Clock())
    patient, impatient = asyncio.ensure_future(reads.read(["a"])), asyncio.ensure_future(reads.read(["b"]))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == [b"a"]


async def test_a_connection_that_fails_counts_at_once_and_nothing_is_asked_until_a_probe_is_due() -> None:
    server, clock = Server(), Clock()
    reads = front(server, clock)
    server.failure = RedisConnectionError("gone")
    assert await reads.read(["a"]) is None
    assert await reads.read(["a"]) is None
    assert len(server.asked) == 1
    clock.now_s += 1.0
    server.failure = None
    assert await reads.read(["a"]) == [b"a"]
    assert reads.breaker.closed


async def test_one_late_answer_is_no_outage_and_several_in_a_row_are() -> None:
    server = Server()
    reads = front(server, Clock(), deadline_s=0.0)
    server.silent = True
    for _ in range(LATE_MAX - 1):
        assert await reads.read(["a"]) is None
        assert reads.breaker.closed
    assert await reads.read(["a"]) is None
    assert not reads.breaker.closed
