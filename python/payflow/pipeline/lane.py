"""One lane: a batch at a time, so that events of one payment keep their order of arrival."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from payflow.intake.contract import DeadLetter, Intake
    from payflow.pipeline.pipeline import Pipeline

DEAD_LETTER_RETRY_S = 30
"""When a dead letter could not be sent, its message is delivered again after this long."""

log = structlog.get_logger(__name__)


class Lane:
    """Moves batches of one lane from the intake through the pipeline and hands the outcomes back."""

    def __init__(self, number: int, intake: Intake, pipeline: Pipeline) -> None:
        self._number = number
        self._intake = intake
        self._pipeline = pipeline
        self._stopping = False
        self._in_hand = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        """Begin; the task ends when the lane is stopped, or with the error that it died of."""
        self._task = asyncio.create_task(self._run(), name=f"lane-{self._number}")
        return self._task

    @property
    def in_hand(self) -> int:
        """Deliveries of the batch that it works on; 0 while it waits for one."""
        return self._in_hand

    def stop(self) -> None:
        """Take no further batch; the one in hand is finished."""
        self._stopping = True
        if self._task is not None and not self._in_hand:
            self._task.cancel()

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
            self._in_hand = len(batch)
            try:
                outcomes = await self._pipeline.process(batch)
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
                self._in_hand = 0

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
