"""The queues of a run: made before it, and looked at while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from payflow.intake import queues

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from payflow.intake.queues import QueueDepths
    from payflow.settings import Settings


async def ensure_queues(settings: Settings) -> None:
    """Make the queues, each with its dead-letter queue; one that a setting names by its URL is left as it is.

    Raises:
        QueueUnavailable: when SQS doesn't answer.

    """
    queue, commands = settings.queue, settings.commands.queue_name
    async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        if commands is not None:
            await queues.ensure_queue(sqs, commands, queues.commands_dead_letter_name(commands))
        if queue.url is not None:
            return
        await queues.ensure_queue(
            sqs,
            queue.name,
            queue.dead_letter_name,
            visibility_timeout_s=queue.visibility_timeout_s,
            wait_time_s=queue.wait_time_s,
            receives_max=queue.receives_max,
        )


class Backlogs:
    """Asks how many messages wait; an asynchronous context manager that holds the connection."""

    def __init__(self, settings: Settings) -> None:
        self._queue = settings.queue
        self._opening: AbstractAsyncContextManager[Any] = queues.client(
            endpoint_url=self._queue.endpoint_url, region=self._queue.region, attempts_max=1
        )
        self._sqs: Any = None
        self._urls: tuple[str, str] | None = None

    async def __aenter__(self) -> Self:
        """Open the connection."""
        self._sqs = await self._opening.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        await self._opening.__aexit__(kind, error, trace)

    async def ask(self) -> tuple[QueueDepths, QueueDepths]:
        """Give the messages in the queue and in the dead-letter queue.

        Raises:
            QueueError: when SQS doesn't answer or a queue isn't there.

        """
        if self._urls is None:
            url = self._queue.url or await queues.queue_url(self._sqs, self._queue.name)
            self._urls = url, await queues.queue_url(self._sqs, self._queue.dead_letter_name)
        queue, dead = self._urls
        return await queues.queue_depths(self._sqs, queue), await queues.queue_depths(self._sqs, dead)
