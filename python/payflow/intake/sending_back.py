"""Sends messages that waited in the database back to their queue, each with who it was before."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from payflow.intake.origin import ORIGIN_ATTRIBUTE
from payflow.intake.packing import SEND_BYTES_MAX, packed
from payflow.intake.tally import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.intake.origin import Origin

__all__ = ["BODY_BYTES_MAX", "Returning", "send_back"]

PARALLEL: Final = 8
"""Calls under way at once."""
_ATTRIBUTE_BYTES_MAX: Final = len(ORIGIN_ATTRIBUTE) + len("String") + 256
BODY_BYTES_MAX: Final = SEND_BYTES_MAX - _ATTRIBUTE_BYTES_MAX
"""A longer body leaves no room for who the message was, so such a message has to wait in the queue."""


class Returning(NamedTuple):
    """A message to send."""

    body: bytes
    origin: Origin


async def send_back(
    sqs: Any, url: str, messages: Sequence[Returning], *, deadline_s: float = 10.0
) -> dict[int, str]:
    """Send messages, in calls of ten, several at once.

    A call without an answer fails all its messages, though SQS may have taken them.

    Args:
        sqs: a client.
        url: of the queue.
        messages: what to send.
        deadline_s: what one call may take.

    Returns:
        Those that were not sent, by position, each with the reason.

    """
    slots = asyncio.Semaphore(PARALLEL)

    async def send(run: Sequence[tuple[int, Returning]]) -> dict[int, str]:
        entries = [
            {
                "Id": str(position),
                "MessageBody": message.body.decode(),
                "MessageAttributes": {ORIGIN_ATTRIBUTE: message.origin.attribute()},
            }
            for position, message in run
        ]
        try:
            async with slots, asyncio.timeout(deadline_s):
                answer = await sqs.send_message_batch(QueueUrl=url, Entries=entries)
        except (ClientError, BotoCoreError, TimeoutError) as error:
            return {position: f"{kind_of(error)}: {error}" for position, _ in run}
        return {
            int(entry["Id"]): f"{entry['Code']}: {entry.get('Message', '')}"
            for entry in answer.get("Failed", [])
        }

    runs = packed(enumerate(messages), lambda numbered: len(numbered[1].body) + _ATTRIBUTE_BYTES_MAX)
    failed: dict[int, str] = {}
    for some in await asyncio.gather(*map(send, runs)):
        failed |= some
    return failed
