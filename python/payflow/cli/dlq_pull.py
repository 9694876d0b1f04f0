"""Taking in what SQS moved to the dead-letter queue, when an operator asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.cli.aws import allow_local_queue
from payflow.cli.books import now
from payflow.intake import queues
from payflow.worker.exhausted import take_in

if TYPE_CHECKING:
    from payflow.cli.books import Books
    from payflow.worker.exhausted import TakenIn


async def pull_all(books: Books, messages_max: int) -> TakenIn:
    """Take in what there is, looking at `messages_max` messages at most.

    Raises:
        QueueError: SQS doesn't answer, or the queue isn't there.
        StoreError: the database doesn't take the rows.

    """
    queue = books.settings.queue
    allow_local_queue(books.settings)
    async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        url = await queues.queue_url(sqs, queue.dead_letter_name)
        async with books.pool.acquire() as connection:
            return await take_in(connection, sqs, url, books.decoder, now, messages_max=messages_max)
