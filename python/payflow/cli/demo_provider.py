"""The demo's provider: takes commands from their queue, and answers with facts about a second later."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from botocore.exceptions import BotoCoreError, ClientError

from payflow.errors import QueueError
from payflow.intake import queues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from payflow.cli.sending import Sender
    from payflow.settings import Settings

RECEIVE_WAIT_S = 1
RETRY_DELAY_S = 2.0
PENDING_MAX = 10_000
"""Answers that wait at most; past it no more commands are taken."""

log = structlog.get_logger(__name__)


class Provider:
    """Runs beside the feeder, in a thread of its own, until the event is set.

    Args:
        settings: where the queues are.
        name: the queue of commands.
        sender: the way to the queue of events.
        answers: gives the delay and the fact of each answer to a command.
        stop: says when to end.

    """

    def __init__(
        self,
        settings: Settings,
        name: str,
        sender: Sender,
        answers: Callable[[dict[str, Any]], Sequence[tuple[float, dict[str, Any]]]],
        stop: threading.Event,
    ) -> None:
        self._settings = settings
        self._name = name
        self._sender = sender
        self._answers = answers
        self._stop = stop
        self._waiting: list[tuple[float, int, dict[str, Any]]] = []
        self._numbers: Iterator[int] = itertools.count()
        self._thread = threading.Thread(target=self._run, name="provider", daemon=True)
        self.answered = 0

    def start(self) -> None:
        """Begin to take commands."""
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for the end of what is under way."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        asyncio.run(self._work())

    async def _work(self) -> None:
        queue = self._settings.queue
        while not self._stop.is_set():
            try:
                async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
                    url = await queues.queue_url(sqs, self._name)
                    while not self._stop.is_set():
                        await self._take(sqs, url)
                        await asyncio.to_thread(self._tell)
            except (QueueError, BotoCoreError, ClientError) as error:
                log.warning("provider_waits", reason=str(error))
                await asyncio.sleep(RETRY_DELAY_S)

    async def _take(self, sqs: Any, url: str) -> None:
        """Take what has come. Answers that wait end with this process: their commands become unknown."""
        if len(self._waiting) >= PENDING_MAX:
            await asyncio.sleep(RECEIVE_WAIT_S)
            return
        # While an answer is due soon, nobody waits for more commands.
        wait_s = 0 if self._waiting else RECEIVE_WAIT_S
        received = await sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_s)
        messages = received.get("Messages", [])
        for message in messages:
            for delay_s, fact in self._answers(orjson.loads(message["Body"])):
                due_s = time.monotonic() + delay_s
                heapq.heappush(self._waiting, (due_s, next(self._numbers), fact))
            await sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        if not messages and self._waiting:
            await asyncio.sleep(min(0.2, max(0.0, self._waiting[0][0] - time.monotonic())))

    def _tell(self) -> None:
        """Send the answers that are due."""
        due = []
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            due.append(heapq.heappop(self._waiting)[2])
        if due:
            failed = self._sender.send([orjson.dumps(fact) for fact in due])
            self.answered += len(due) - len(failed)
