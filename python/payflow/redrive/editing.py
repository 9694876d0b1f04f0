"""Replaying one dead letter with another body: what its sender should have sent, written by an operator.

The letter's row keeps the body as it came. The trail has both bodies and who changed it, from before the
edited one is sent; sending it again is as safe as any replay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from payflow.errors import MalformedEvent
from payflow.intake.dead_letter_queue import send_again
from payflow.ledger.faults import as_store_errors
from payflow.ledger.quarantine import (
    LetterFilter,
    Rehearsal,
    mark_letters,
    next_bodies,
    record_edit,
    rehearse,
)
from payflow.redrive.replaying import Replayed

if TYPE_CHECKING:
    from payflow.ledger.quarantine import LetterBody
    from payflow.redrive.replaying import Books

__all__ = ["Edit", "read_edit", "rehearse_edit", "replay_edit"]


@dataclass(frozen=True)
class Edit:
    """A dead letter and the body that is to be sent in place of its own."""

    letter: LetterBody
    body: bytes


async def read_edit(books: Books, dead_letter_id: int, body: bytes) -> Edit | None:
    """Take a body for a letter; None if there is no such letter.

    Raises:
        MalformedEvent: the body is no payment event either.
        StoreError: the database doesn't answer.

    """
    for fault in books.decode([body]).malformed:
        raise MalformedEvent(fault.reason, fault.path, fault.rule)
    chosen = LetterFilter(ids=(dead_letter_id,))
    with as_store_errors():
        async with books.connect() as connection:
            letters = await next_bodies(connection, chosen, after=0, limit=1)
    return Edit(letters[0], body) if letters else None


async def rehearse_edit(books: Books, edit: Edit) -> Rehearsal:
    """Find out what replaying the edited letter would do."""
    letter, rehearsal = edit.letter, Rehearsal()
    edited = type(letter)(
        dead_letter_id=letter.dead_letter_id,
        klass=letter.klass,
        reason=letter.reason,
        status=letter.status,
        body=edit.body,
    )
    with as_store_errors():
        async with books.connect() as connection:
            await rehearse(connection, books.policies, books.decode, books.clock, [edited], rehearsal)
    return rehearsal


async def replay_edit(books: Books, queue: tuple[Any, str], edit: Edit, *, actor: str, note: str) -> Replayed:
    """Record the edit, send the edited body, and mark the letter once it is sent.

    Who dies after the first step has recorded an edit that was not sent, after the second one that was sent
    and not marked. Repeating it records nothing twice, and the ledger finds a duplicate.

    Args:
        books: where the letter is.
        queue: an SQS client and the queue's URL.
        edit: what is to be sent.
        actor: who does it, as the trail names people.
        note: why.

    Raises:
        QueueError: SQS doesn't answer, or the queue isn't there.
        StoreError: the database doesn't answer.

    """
    (sqs, url), letter_id = queue, edit.letter.dead_letter_id
    with as_store_errors():
        async with books.connect() as connection, connection.transaction():
            await record_edit(
                connection,
                letter_id,
                before=edit.letter.body,
                after=edit.body,
                actor=actor,
                note=note,
                now=books.clock(),
            )
    failed = await send_again(sqs, url, [(letter_id, edit.body)])
    if not failed:
        with as_store_errors():
            async with books.connect() as connection, connection.transaction():
                await mark_letters(
                    connection, [letter_id], "replayed", actor=actor, note=note, now=books.clock()
                )
    return Replayed(sent=0 if failed else 1, failed=failed)
