"""Tasks are ended for sure, and nobody waits for one that can't be ended."""

from __future__ import annotations

import asyncio

from payflow.cancellation import cancel_surely


class Deaf:
    """A task that loses cancellations, as a wait does that ends just then."""

    def __init__(self, times: int) -> None:
        self.lost = 0
        self._times = times

    async def run(self) -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if self.lost == self._times:
                    raise
                self.lost += 1


async def test_a_task_that_loses_cancellations_is_asked_again_until_it_ends() -> None:
    deaf = Deaf(times=2)
    task = asyncio.create_task(deaf.run())
    await asyncio.sleep(0)
    assert await cancel_surely([task])
    assert (task.cancelled(), deaf.lost) == (True, 2)


async def test_what_tasks_raise_at_their_end_is_dropped_and_ended_tasks_are_no_trouble() -> None:
    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise RuntimeError("at the end")

    task, ended = asyncio.create_task(failing()), asyncio.create_task(asyncio.sleep(0))
    await ended
    assert await cancel_surely([task, ended])
    assert await cancel_surely([])


async def test_nobody_waits_longer_than_asked_for_a_task_that_never_ends() -> None:
    deaf = Deaf(times=1_000_000)
    task = asyncio.create_task(deaf.run())
    await asyncio.sleep(0)
    assert not await cancel_surely([task], give_up_s=0.05)
    deaf._times = deaf.lost  # let it go
    assert await cancel_surely([task])
