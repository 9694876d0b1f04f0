"""Replaying dead letters: what it would do, and doing it at a rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from payflow.intake.dead_letter_queue import calls_of, send_again
from payflow.ledger.faults import as_store_errors
from payflow.ledger.quarantine import LetterBody, Rehearsal, mark_letters, next_bodies, rehearse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from payflow._native import Policies
    from payflow.ledger.pool import Connection
    from payflow.ledger.quarantine import LetterFilter
    from payflow.ledger.quarantine.rehearsal import Decoded
    from payflow.redrive.pace import Pace

__all__ = ["Books", "Replayed", "discard_all", "rehearse_all", "replay_all"]

BATCH_LETTERS = 100
"""Letters that are read at a time; a body has 1 MiB at most."""
JUDGED_LETTERS = 1_000
"""Letters that a rehearsal judges under one lock, unless their bodies are large."""
JUDGED_BYTES = 32 * 1_048_576


@dataclass(frozen=True)
class Books:
    """The books that letters are judged against, and how to read a letter."""

    connect: Callable[[], AbstractAsyncContextManager[Connection]]
    """Lends a connection that is in no transaction."""
    policies: Policies
    decode: Callable[[Sequence[bytes]], Decoded]
    clock: Callable[[], datetime]


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
        with as_store_errors():
            async with books.connect() as connection:
                await rehearse(connection, books.policies, books.decode, books.clock, held, rehearsal)
        held.clear()

    async for letters in _batches(books, chosen, limit):
        held += letters
        if len(held) >= JUDGED_LETTERS or sum(len(letter.body) for letter in held) >= JUDGED_BYTES:
            await judge()
    await judge()
    return rehearsal


async def replay_all(
    books: Books,
    queue: tuple[Any, str],
    chosen: LetterFilter,
    limit: int,
    pace: Pace,
    *,
    letters_a_call: int,
    actor: str,
    note: str,
    advance: Callable[[Replayed], None],
) -> Replayed:
    """Send the chosen letters to the queue again, the oldest first, and mark each once it is sent.

    A letter that was sent but not marked, because this process or the database went away in between, is sent
    again by the next replay. The ledger then finds a duplicate: nothing is applied twice.

    Args:
        books: where the letters are.
        queue: an SQS client and the queue's URL.
        chosen: which letters.
        limit: most letters.
        pace: keeps to the rate.
        letters_a_call: most letters of one call to SQS; ten at most whatever it says.
        actor: who does it, as the trail names people.
        note: why.
        advance: told after each call to SQS what has come of the replay so far.

    Raises:
        QueueError: SQS doesn't answer, or the queue isn't there; those that were sent are marked.
        StoreError: the database doesn't answer.

    """
    (sqs, url), replayed = queue, Replayed()
    async for letters in _batches(books, chosen, limit):
        for run in calls_of([(letter.dead_letter_id, letter.body) for letter in letters], letters_a_call):
            await pace.take(len(run))
            failed = await send_again(sqs, url, run)
            sent = [letter_id for letter_id, _ in run if letter_id not in failed]
            await _mark(books, sent, "replayed", actor, note)
            replayed.sent += len(sent)
            replayed.failed |= failed
            advance(replayed)
    return replayed


async def discard_all(books: Books, chosen: LetterFilter, limit: int, *, actor: str, note: str) -> int:
    """Mark the chosen letters as discarded, a batch a transaction; return how many were marked."""
    discarded = 0
    async for letters in _batches(books, chosen, limit):
        ids = [letter.dead_letter_id for letter in letters]
        discarded += await _mark(books, ids, "discarded", actor, note)
    return discarded


async def _mark(
    books: Books, ids: list[int], status: Literal["replayed", "discarded"], actor: str, note: str
) -> int:
    with as_store_errors():
        async with books.connect() as connection, connection.transaction():
            return await mark_letters(connection, ids, status, actor=actor, note=note, now=books.clock())


async def _batches(books: Books, chosen: LetterFilter, limit: int) -> AsyncIterator[list[LetterBody]]:
    """Read the chosen letters in batches, the oldest first, `limit` of them at most."""
    after, left = 0, limit
    while left > 0:
        with as_store_errors():
            async with books.connect() as connection:
                letters = await next_bodies(connection, chosen, after=after, limit=min(left, BATCH_LETTERS))
        if not letters:
            return
        yield letters
        after, left = letters[-1].dead_letter_id, left - len(letters)
