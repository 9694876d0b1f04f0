"""One lane: a batch at a time, so that events of one payment keep their order of arrival."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from payflow.intake.contract import DeadLetter, Intake
    from payflow.pipeline.outcomes import Outcomes
    from payflow.pipeline.pipeline import Pipeline
    from payflow.pipeline.slots import Slots
    from payflow.pipeline.throttle import Throttle

DEAD_LETTER_RETRY_S = 30
"""When a dead letter could not be sent, its message is delivered again after this long."""

log = structlog.get_logger(__name__)


class Lane:
    """Moves batches of one lane from the intake through the pipeline and hands the outcomes back.

    Args:
        number: of the lane.
        intake: gives batches and takes decisions.
        pipeline: decides.
        slots: how many lanes may decide at once.
        throttle: gives back events that waited for their merchant's turn.

    """

    def __init__(
        self, number: int, intake: Intake, pipeline: Pipeline, slots: Slots, throttle: Throttle
    ) -> None:
        self._number = number
        self._intake = intake
        self._pipeline = pipeline
        self._slots = slots
        self._throttle = throttle
        self._stopping = False
        # A batch and what waited before it must not meet at one payment.
        self._turn = asyncio.Lock()
        self._in_hand: dict[str, int] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self) -> list[asyncio.Task[None]]:
        """Begin; the tasks end when the lane is stopped, or with the error that one of them died of."""
        for name, work in (("lane", self._run), ("freed", self._run_freed)):
            self._tasks[name] = asyncio.create_task(work(), name=f"{name}-{self._number}")
        return list(self._tasks.values())

    @property
    def in_hand(self) -> int:
        """Deliveries that it works on; 0 while it waits for some."""
        return sum(self._in_hand.values())

    def stop(self) -> None:
        """Take no further batch; the one in hand is finished."""
        self._stopping = True
        for name, task in self._tasks.items():
            if name not in self._in_hand:
                task.cancel()

    async def _run(self) -> None:
        while not self._stopping:
            try:
                batch = await self._intake.batch(self._number)
            except asyncio.CancelledError:
                if self._stopping:
                    return
                raise
            if batch is None:
                return
            await self._decide("lane", len(batch), partial(self._pipeline.process, batch))

    async def _run_freed(self) -> None:
        while not self._stopping:
            try:
                deliveries = await self._throttle.freed(self._number)
            except asyncio.CancelledError:
                if self._stopping:
                    return
                raise
            await self._decide("freed", len(deliveries), partial(self._pipeline.go_on, deliveries))

    async def _decide(self, name: str, deliveries: int, decide: Callable[[], Awaitable[Outcomes]]) -> None:
        self._in_hand[name] = deliveries
        try:
            async with self._turn, self._slots:
                outcomes = await decide()
            laps = self._pipeline.figures.laps()
            self._intake.acknowledge(outcomes.done)
            if outcomes.retries:
                tokens, delays_s = zip(*outcomes.retries, strict=True)
                self._intake.retry(tokens, delays_s)
                self._pipeline.figures.waits.add(delays_s)
            if outcomes.dead_letters:
                await self._send(outcomes.dead_letters)
            laps.end("ack")
        finally:
            del self._in_hand[name]

    async def _send(self, letters: list[DeadLetter]) -> None:
        unsent = await self._intake.dead_letter(letters)
        kept = set(unsent)
        for letter in letters:
            if letter.token not in kept:
                log.warning(
                    "delivery_dead_lettered",
                    stage="intake",
                    klass=letter.klass,
                    reason=letter.reason,
                    path=letter.path,
                    payment_id=letter.payment_id,
                    event_id=letter.event_id,
                    correlation_id=letter.correlation_id,
                    message_id=letter.message_id,
                )
        if unsent:
            log.warning("dead_letters_unsent", stage="intake", deliveries=len(unsent))
            delays_s = [DEAD_LETTER_RETRY_S] * len(unsent)
            self._intake.retry(unsent, delays_s)
            self._pipeline.figures.waits.add(delays_s)
