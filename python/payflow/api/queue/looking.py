"""Looks at the queue for everybody who asks: one call to SQS each few seconds, within a deadline."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from payflow.errors import QueueError, QueueUnavailable
from payflow.intake import queues
from payflow.intake.renewed_client import RenewedClient

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from payflow.settings import Settings

__all__ = ["QueueLook", "QueueNumbers"]

KEPT_S: Final = 2.0
"""How long numbers are good for; SQS's own lag behind by more."""
DEADLINE_S: Final = 1.5
CONNECTIONS: Final = 4


@dataclass(frozen=True)
class QueueNumbers:
    """How much there is, approximately, as SQS counts."""

    name: str
    visible: int
    in_flight: int
    delayed: int
    dead_letters_visible: int


class QueueLook:
    """The queue of this process's settings. Calls that come while one is under way share it."""

    def __init__(self, settings: Settings) -> None:
        self._queue = settings.queue
        self._client = RenewedClient(self._open)
        self._urls: tuple[str, str] | None = None
        self._looking = asyncio.Lock()
        self._last: QueueNumbers | None = None
        self._failed: QueueError | None = None
        self._looked_at_s = -KEPT_S

    async def numbers(self) -> QueueNumbers:
        """Give the numbers, at most `KEPT_S` old.

        Raises:
            QueueError: SQS doesn't answer in time, or the queue isn't there.

        """
        async with self._looking:
            if time.monotonic() - self._looked_at_s >= KEPT_S:
                self._last, self._failed = None, None
                try:
                    self._last = await self._look()
                except QueueError as error:
                    self._failed = error
                self._looked_at_s = time.monotonic()
        if self._last is None:
            raise self._failed or QueueUnavailable(f"{self._queue.name}: not looked at yet")
        return self._last

    async def numbers_if_any(self) -> QueueNumbers | None:
        """Give the numbers, or nothing while SQS doesn't tell."""
        try:
            return await self.numbers()
        except QueueError:
            return None

    async def probe(self) -> None:
        """Ask SQS itself for the numbers, and keep nothing.

        Raises:
            QueueError: as `numbers`.

        """
        await self._look()

    async def aclose(self) -> None:
        """Close the client."""
        await self._client.aclose()

    async def _look(self) -> QueueNumbers:
        url, dead_letter_url = await self._found()
        (visible, in_flight, delayed), (dead_visible, _, _) = await asyncio.gather(
            self._depths(url), self._depths(dead_letter_url)
        )
        return QueueNumbers(queues.name_of(url), visible, in_flight, delayed, dead_visible)

    async def _found(self) -> tuple[str, str]:
        if self._urls is None:
            url = self._queue.url or await self._url(self._queue.name)
            self._urls = url, await self._url(self._queue.dead_letter_name)
        return self._urls

    async def _url(self, name: str) -> str:
        return str((await self._call(name, "get_queue_url", QueueName=name))["QueueUrl"])

    async def _depths(self, url: str) -> tuple[int, int, int]:
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        answer = await self._call(url, "get_queue_attributes", QueueUrl=url, AttributeNames=names)
        visible, in_flight, delayed = (int(answer["Attributes"].get(name, 0)) for name in names)
        return visible, in_flight, delayed

    async def _call(self, queue: str, operation: str, **request: Any) -> Any:
        try:
            return await self._client.call(operation, DEADLINE_S, **request)
        except (ClientError, BotoCoreError) as error:
            raise queues.queue_error(queue, error) from error
        except (TimeoutError, OSError) as error:
            raise QueueUnavailable(f"{queue}: no answer within {DEADLINE_S:g} s") from error

    def _open(self) -> AbstractAsyncContextManager[Any]:
        return queues.client(
            endpoint_url=self._queue.endpoint_url,
            region=self._queue.region,
            connect_timeout_s=DEADLINE_S,
            read_timeout_s=DEADLINE_S,
            attempts_max=1,
            connections_max=CONNECTIONS,
        )
