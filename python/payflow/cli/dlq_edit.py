"""`payflow dlq replay ID --edit-file FILE`: one letter, with the body that it should have had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payflow.cli.aws import allow_local_queue
from payflow.errors import MalformedEvent
from payflow.intake import queues
from payflow.redrive import read_edit, replay_edit

if TYPE_CHECKING:
    from pathlib import Path

    from payflow.cli.books import Books
    from payflow.redrive import Edit, Replayed

BODY_BYTES_MAX: Final = 1_048_576


class EditRefused(Exception):  # noqa: N818 - it tells what happened
    """The file can't be sent in place of the letter; the text says why and what to do."""


def body_in(path: Path) -> bytes:
    """Read the edited body.

    Raises:
        EditRefused: the file can't be read, or is too large.

    """
    try:
        with path.open("rb") as file:
            body = file.read(BODY_BYTES_MAX + 1)
    except OSError as error:
        raise EditRefused(f"--edit-file: {path} can't be read: {error.strerror}") from error
    if len(body) > BODY_BYTES_MAX:
        raise EditRefused(f"--edit-file: {path} has over {BODY_BYTES_MAX:,} bytes, more than SQS takes")
    return body


async def edit_of(books: Books, dead_letter_id: int, path: Path, body: bytes) -> Edit:
    """Take the body for the letter.

    Raises:
        EditRefused: it is no payment event, or changes nothing; or there is no such letter.

    """
    try:
        edit = await read_edit(books.redriven, dead_letter_id, body)
    except MalformedEvent as error:
        raise EditRefused(f"--edit-file: {path} is no payment event: {error.path}: {error.rule}") from error
    if edit is None:
        raise EditRefused(f"there is no dead letter {dead_letter_id}\nNext: `payflow dlq list --status any`")
    if edit.letter.body == body:
        raise EditRefused(f"--edit-file: {path} is the letter's own body; replay it without the file")
    return edit


async def replay_edited(books: Books, edit: Edit, *, actor: str, note: str) -> Replayed:
    """Replay to the queue that the settings name.

    Raises:
        QueueError: SQS doesn't answer, or the queue isn't there.
        StoreError: the database doesn't answer.

    """
    queue = books.settings.queue
    allow_local_queue(books.settings)
    async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        url = queue.url or await queues.queue_url(sqs, queue.name)
        return await replay_edit(books.redriven, (sqs, url), edit, actor=actor, note=note)
