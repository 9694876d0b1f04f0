"""The end of a worker: the first signal asks, the second one hurries, each step has its share of the time."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

import structlog

from payflow.cancellation import cancel_surely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.pipeline import Lane
    from payflow.worker.fleet import Levers

CLOSING_S: Final = 1.0
"""Kept of the whole time for the pools, at most a quarter of it."""
_FLUSHING_S: Final = 5.0
"""Kept for deletes and releases, at most half of the time."""
_HURRIED_S: Final = 2.0
"""What deletes and releases get when somebody is in a hurry."""
_CANCELLED_S: Final = 0.5
"""What a cancelled lane gets to let go of its connection."""

log = structlog.get_logger(__name__)


class Stopping:
    """What has been asked of this worker by signals."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._hurried = asyncio.Event()

    @property
    def asked(self) -> bool:
        """Whether it shall end."""
        return self._asked.is_set()

    def listen(self) -> None:
        """Take SIGTERM and SIGINT from now on."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.ask)

    def ask(self) -> None:
        """Ask for the end; whoever asks again doesn't want to wait for what is in hand."""
        if self._asked.is_set():
            log.warning("worker_hurried")
            self._hurried.set()
        self._asked.set()

    async def until_asked(self, vital: Sequence[asyncio.Task[None]]) -> BaseException | None:
        """Wait until it shall end, or a task that it can't do without ends; give what that one died of."""
        asked = asyncio.create_task(self._asked.wait(), name="signal")
        done, _ = await asyncio.wait([asked, *vital], return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        died = [task for task in vital if task in done and not task.cancelled()]
        return next((task.exception() for task in died), None)

    async def unhurried(
        self, tasks: Sequence[asyncio.Task[None]], timeout_s: float
    ) -> set[asyncio.Task[None]]:
        """Wait for tasks until the time is over or somebody hurries; give those that are not done."""
        loop = asyncio.get_running_loop()
        ends_s, left = loop.time() + timeout_s, set(tasks)
        hurried = asyncio.create_task(self._hurried.wait(), name="hurry")
        while left and not hurried.done() and loop.time() < ends_s:
            await asyncio.wait(
                [*left, hurried], timeout=ends_s - loop.time(), return_when=asyncio.FIRST_COMPLETED
            )
            left = {task for task in left if not task.done()}
        hurried.cancel()
        return left

    async def wind_down(
        self,
        levers: Levers,
        lanes: Sequence[Lane],
        running: Sequence[asyncio.Task[None]],
        timeout_s: float,
    ) -> bool:
        """Stop receiving, let each lane finish its batch, then flush decisions and release the rest.

        What waits for a database that is away, or for its merchant's turn, goes back to the queue at once.
        Leaves `CLOSING_S` of the time for the pools. True if everything in hand was decided or given back.
        """
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + timeout_s - min(CLOSING_S, timeout_s / 4)
        levers.receiving.pause("stopping")
        levers.gate.give_up()
        levers.throttle.close()
        for lane in lanes:
            lane.stop()
        late = await self.unhurried(running, timeout_s - min(_FLUSHING_S + CLOSING_S, timeout_s / 2))
        if late:
            log.warning("lanes_cancelled", lanes=len(late), hurried=self._hurried.is_set())
            await cancel_surely(late, give_up_s=_CANCELLED_S)
        left_s = max(ends_s - loop.time(), 0.1)
        report = await levers.intake.stop(min(left_s, _HURRIED_S) if self._hurried.is_set() else left_s)
        log.info("intake_stopped", released=report.released, abandoned=report.abandoned)
        return report.clean and not late
