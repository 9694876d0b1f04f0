"""Replaying dead letters: what it would do, and doing it at a rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from payflow.cli.aws import allow_local_queue
from payflow.cli.books import now
from payflow.intake import queues
from payflow.intake.dead_letter_queue import calls_of, send_again
from payflow.ledger.faults import as_store_errors
from payflow.ledger.quarantine import LetterBody, Rehearsal, mark_letters, next_bodies, rehearse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from payflow.cli.books import Books
    from payflow.cli.pace import Pace
    from payflow.ledger.quarantine import LetterFilter

BATCH_LETTERS = 100
"""Letters that are read at a time; a body has 1 MiB at most."""
JUDGED_LETTERS = 1_000
"""Letters that a rehearsal judges under one lock, unless their bodies are large."""
JUDGED_BYTES = 32 * 1_048_576


@dataclass
class Replayed:
    """What came of a replay."""

    sent: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    """Letters that the queue did not take, each with the reason; they stay as they were."""


async def rehearse_all(books: Books, chosen: LetterFilter, limit: int) -> Rehearsal:
    """Find out what replaying the chosen letters would do, the oldest first."""
    rehearsal, held = Rehearsal(), list[LetterBody]()

    async def judge() -> None:
        await rehearse(books.pool, books.policies, books.decoder.decode, now, held, rehearsal)
        held.clear()

    async for letters in _batches(books, chosen, limit):
        held += letters
        if len(held) >= JUDGED_LETTERS or sum(len(letter.body) for letter in held) >= JUDGED_BYTES:
            await judge()
    await judge()
    return rehearsal


async def replay_all(
    books: Books,
    chosen: LetterFilter,
    limit: int,
    pace: Pace,
    *,
    letters_a_call: int,
    actor: str,
    note: str,
    advance: Callable[[int], None],
) -> Replayed:
    """Send the chosen letters to the queue again, the oldest first, and mark each once it is sent.

    A letter that was sent but not marked, because this process or the database went away in between, is sent
    again by the next replay. The ledger then finds a duplicate: nothing is applied twice.

    Raises:
        QueueError: SQS doesn't answer, or the queue isn't there; those that were sent are marked.
        StoreError: the database doesn't answer.

    """
    queue, replayed = books.settings.queue, Replayed()
    allow_local_queue(books.settings)
    async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        url = queue.url or await queues.queue_url(sqs, queue.name)
        async for letters in _batches(books, chosen, limit):
            for run in calls_of([(letter.dead_letter_id, letter.body) for letter in letters], letters_a_call):
                await pace.take(len(run))
                failed = await send_again(sqs, url, run)
                sent = [letter_id for letter_id, _ in run if letter_id not in failed]
                with as_store_errors():
                    async with books.pool.acquire() as connection, connection.transaction():
                        await mark_letters(connection, sent, "replayed", actor=actor, note=note, now=now())
                replayed.sent += len(sent)
                replayed.failed |= failed
                advance(len(run))
    return replayed


async def discard_all(books: Books, chosen: LetterFilter, limit: int, *, actor: str, note: str) -> int:
    """Mark the chosen letters as discarded, a batch a transaction; return how many were marked."""
    discarded = 0
    async for letters in _batches(books, chosen, limit):
        ids = [letter.dead_letter_id for letter in letters]
        with as_store_errors():
            async with books.pool.acquire() as connection, connection.transaction():
                discarded += await mark_letters(
                    connection, ids, "discarded", actor=actor, note=note, now=now()
                )
    return discarded


async def _batches(books: Books, chosen: LetterFilter, limit: int) -> AsyncIterator[list[LetterBody]]:
    """Read the chosen letters in batches, the oldest first, `limit` of them at most."""
    after, left = 0, limit
    while left > 0:
        with as_store_errors():
            async with books.pool.acquire() as connection:
                letters = await next_bodies(connection, chosen, after=after, limit=min(left, BATCH_LETTERS))
        if not letters:
            return
        yield letters
        after, left = letters[-1].dead_letter_id, left - len(letters)
