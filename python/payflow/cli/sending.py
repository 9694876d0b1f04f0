"""What the commands that send have in common: the queue's address and the native sender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from payflow.cli.aws import allow_local_queue
from payflow.errors import QueueUnavailable
from payflow.intake import queues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.settings import Settings

CONNECTIONS = 8
"""Sends under way at once; each carries up to ten messages."""


class Sender(Protocol):
    """Sends bodies; `payflow._native.NativeSender` is one."""

    def send(self, bodies: Sequence[bytes], /) -> list[tuple[int, str]]:
        """Send each body once, and give the positions that failed with the reason."""


async def queue_url(settings: Settings) -> str:
    """Give the URL of the queue that the settings name.

    Raises:
        QueueError: when SQS doesn't answer or the queue isn't there.

    """
    allow_local_queue(settings)
    queue = settings.queue
    if queue.url is not None:
        return queue.url
    async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        return await queues.queue_url(sqs, queue.name)


def open_sender(settings: Settings, url: str) -> Sender:
    """Open the native sender to the queue.

    Raises:
        QueueUnavailable: when no credentials are found or the queue doesn't answer.

    """
    from payflow._native import NativeSender  # noqa: PLC0415

    try:
        return NativeSender(settings.queue.endpoint_url, settings.queue.region, url, CONNECTIONS)
    except OSError as error:
        raise QueueUnavailable(f"{url}: {error}") from error
