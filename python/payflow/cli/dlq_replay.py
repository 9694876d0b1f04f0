"""A replay that an operator runs and watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.cli.aws import allow_local_queue
from payflow.intake import queues
from payflow.redrive import Pace, replay_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.cli.books import Books
    from payflow.ledger.quarantine import LetterFilter
    from payflow.redrive import Replayed


async def replay_chosen(
    books: Books,
    chosen: LetterFilter,
    limit: int,
    per_s: int,
    *,
    actor: str,
    note: str,
    advance: Callable[[int], None],
) -> Replayed:
    """Replay to the queue that the settings name; `advance` is told how many more letters were handled.

    Raises:
        QueueError: SQS doesn't answer, or the queue isn't there; those that were sent are marked.
        StoreError: the database doesn't answer.

    """
    queue, handled = books.settings.queue, 0

    def told(replayed: Replayed) -> None:
        nonlocal handled
        now_handled = replayed.sent + len(replayed.failed)
        advance(now_handled - handled)
        handled = now_handled

    allow_local_queue(books.settings)
    async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        url = queue.url or await queues.queue_url(sqs, queue.name)
        return await replay_all(
            books.redriven,
            (sqs, url),
            chosen,
            limit,
            Pace(per_s),
            letters_a_call=per_s,
            actor=actor,
            note=note,
            advance=told,
        )
