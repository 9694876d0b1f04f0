"""Rows of waiting messages: one for each message, due when they say, out only if they are what was sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from payflow.ledger.deferral import (
    ToldBudget,
    due_messages,
    list_deferred,
    read_budget,
    returned_messages,
    tell_budget,
    waiting_messages,
)

from tests.integration.deferral.waiting_room import SENT_AT_MS, put, waiting
from tests.integration.quarantine.yard import NOON

if TYPE_CHECKING:
    from payflow.ledger.deferral import Due

    from tests.integration.quarantine.yard import Yard

MIB = 1_048_576


async def due(yard: Yard, queue: str = "q", limit: int = 100, bytes_max: int = MIB) -> list[Due]:
    async with yard.pool.acquire() as connection:
        return await due_messages(connection, queue, yard.clock(), limit=limit, bytes_max=bytes_max)


async def take_out(yard: Yard, sent: list[Due]) -> int:
    async with yard.pool.acquire() as connection:
        return await returned_messages(connection, sent)


async def test_a_message_is_due_after_its_delay_as_it_was(yard: Yard) -> None:
    await put(yard, "q", waiting("m"))
    yard.clock.move(seconds=59)
    assert await due(yard) == []
    yard.clock.move(seconds=1)
    (found,) = await due(yard)
    assert (found.message_id, found.body) == ("m", b"body of m")
    assert (found.attempts, found.receives, found.sent_at_ms) == (6, 9, SENT_AT_MS)


async def test_each_queue_has_its_own_messages(yard: Yard) -> None:
    await put(yard, "q", waiting("m", delay_s=0))
    await put(yard, "other", waiting("m", delay_s=0))
    assert len(await due(yard)) == 1
    assert await take_out(yard, await due(yard)) == 1
    assert len(await due(yard, "other")) == 1


async def test_a_message_that_comes_again_waits_anew_in_its_one_row(yard: Yard) -> None:
    """Its worker died between row and delete, and the next one failed with it too."""
    await put(yard, "q", waiting("m", delay_s=10))
    await put(yard, "q", waiting("m", delay_s=60, attempts=7, receives=10))
    yard.clock.move(seconds=30)
    assert await due(yard) == []
    yard.clock.move(seconds=30)
    (found,) = await due(yard)
    assert (found.attempts, found.receives) == (7, 10)


async def test_a_message_twice_in_one_batch_is_one_row(yard: Yard) -> None:
    await put(yard, "q", waiting("m", delay_s=0), waiting("m", delay_s=0))
    assert len(await due(yard)) == 1


async def test_a_count_that_was_lost_does_not_lower_what_is_known(yard: Yard) -> None:
    await put(yard, "q", waiting("m", attempts=7, delay_s=0))
    await put(yard, "q", waiting("m", attempts=1, delay_s=0))
    assert [found.attempts for found in await due(yard)] == [7]


async def test_a_message_that_is_deferred_again_before_its_row_has_left_is_not_lost(yard: Yard) -> None:
    """It was sent, received and failed again, all before whoever sent it took out the row."""
    await put(yard, "q", waiting("m", delay_s=0))
    sent = await due(yard)
    await put(yard, "q", waiting("m", delay_s=60, attempts=7))
    assert await take_out(yard, sent) == 0
    yard.clock.move(seconds=60)
    assert [found.attempts for found in await due(yard)] == [7]


async def test_two_workers_that_defer_the_same_messages_do_not_deadlock(yard: Yard) -> None:
    names = [f"m{number}" for number in range(200)]
    rows = [waiting(name, delay_s=0) for name in names]
    for _ in range(5):
        await asyncio.gather(put(yard, "q", *rows), put(yard, "q", *rows[::-1]))
    assert sorted(found.message_id for found in await due(yard, limit=1_000)) == sorted(names)


async def test_the_longest_due_come_first_and_only_as_many_bytes_as_may_be_held(yard: Yard) -> None:
    for number in range(4):
        await put(yard, "q", waiting(f"m{number}", delay_s=number, body=b"x" * 400_000))
    yard.clock.move(seconds=10)
    assert [found.message_id for found in await due(yard)] == ["m0", "m1"]
    assert [found.message_id for found in await due(yard, limit=1)] == ["m0"]
    assert [found.message_id for found in await due(yard, bytes_max=10)] == ["m0"], (
        "one goes whatever its size"
    )


async def test_hostile_text_in_names_is_stored(yard: Yard) -> None:
    await put(yard, "q", waiting("m", payment_id="p\x00q", error="\x00", delay_s=0))
    assert len(await due(yard)) == 1


async def test_what_waits_is_counted_and_listed_by_when_it_is_due(yard: Yard) -> None:
    for number in range(5):
        await put(yard, "q", waiting(f"m{number}", delay_s=10 * number))
    yard.clock.move(seconds=15)
    async with yard.pool.acquire() as connection:
        counted = await waiting_messages(connection, "q", yard.clock())
        first = await list_deferred(connection, "q", limit=2)
        behind = (first[-1].due_at, first[-1].deferred_id)
        second = await list_deferred(connection, "q", limit=10, behind=behind)
        nothing = await waiting_messages(connection, "nowhere", yard.clock())
    assert (counted.messages, counted.overdue, counted.next_due_at) == (5, 2, NOON)
    assert [row.message_id for row in (*first, *second)] == [f"m{number}" for number in range(5)]
    assert (first[0].deferred_by, first[0].body_bytes) == ("worker", len(b"body of m0"))
    assert (nothing.messages, nothing.overdue, nothing.next_due_at) == (0, 0, None)


async def test_a_budget_is_told_and_read_by_queue(yard: Yard) -> None:
    told = ToldBudget(
        used=70_000,
        budget=120_000,
        share=0.5,
        trend_per_s=12.5,
        exhausted_in_s=4_000.0,
        told_at=NOON,
        told_by="worker:a",
    )
    newer = ToldBudget(
        used=1,
        budget=120_000,
        share=0.5,
        trend_per_s=None,
        exhausted_in_s=None,
        told_at=NOON + timedelta(seconds=5),
        told_by="worker:b",
    )
    async with yard.pool.acquire() as connection:
        assert await read_budget(connection, "q") is None
        await tell_budget(connection, "q", told)
        assert await read_budget(connection, "q") == told
        await tell_budget(connection, "q", newer)
        assert await read_budget(connection, "q") == newer
        assert await read_budget(connection, "other") is None
