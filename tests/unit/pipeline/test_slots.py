"""Places for batches under way: all, or as many as were said last, in the order of asking."""

from __future__ import annotations

import asyncio

import pytest
from payflow.pipeline.slots import Slots


class Batches:
    """Batches that stay under way until they are let go."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self.under_way: list[int] = []
        self._ends = [asyncio.Event() for _ in range(8)]
        self.tasks = [asyncio.create_task(self._run(number)) for number in range(8)]

    async def _run(self, number: int) -> None:
        async with self._slots:
            self.under_way.append(number)
            await self._ends[number].wait()
            self.under_way.remove(number)

    def end(self, number: int) -> None:
        self._ends[number].set()


async def settled() -> None:
    """Let everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_all_go_at_once_without_a_limit() -> None:
    batches = Batches(slots := Slots())
    await settled()
    assert (batches.under_way, slots.busy) == (list(range(8)), 8)


async def test_as_many_go_as_the_limit_lets_in_the_order_of_asking() -> None:
    slots = Slots()
    slots.limit(2)
    batches = Batches(slots)
    await settled()
    assert batches.under_way == [0, 1]
    batches.end(1)
    await settled()
    assert batches.under_way == [0, 2]


async def test_a_lower_limit_leaves_those_under_way_and_a_higher_one_lets_more_in() -> None:
    batches = Batches(slots := Slots())
    await settled()
    slots.limit(1)
    for number in range(6):
        batches.end(number)
    await settled()
    assert slots.busy == 2
    late = asyncio.create_task(slots.__aenter__())
    await settled()
    assert not late.done(), "two are still more than one"
    batches.end(6)
    batches.end(7)
    await settled()
    assert late.done()
    assert slots.busy == 1
    more = [asyncio.create_task(slots.__aenter__()) for _ in range(3)]
    await settled()
    assert [task.done() for task in more] == [False] * 3
    slots.limit(3)
    await settled()
    assert [task.done() for task in more] == [True, True, False]
    slots.limit(None)
    await settled()
    assert all(task.done() for task in more)


async def test_whoever_gives_up_waiting_takes_no_place_with_it() -> None:
    slots = Slots()
    slots.limit(1)
    batches = Batches(slots)
    await settled()
    batches.tasks[1].cancel()
    batches.end(0)  # number 1 was next
    await settled()
    assert batches.under_way == [2]
    # The place is given and the one that gets it is cancelled in the same moment.
    batches.end(2)
    await asyncio.sleep(0)
    batches.tasks[3].cancel()
    await settled()
    assert batches.under_way == [4]
    assert slots.busy == 1


def test_no_place_at_all_would_hold_everything_up() -> None:
    with pytest.raises(ValueError, match="most: must be at least 1, is 0"):
        Slots().limit(0)
