"""The dead-letter queue from outside: what came by redrive is taken in, dead letters are sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from payflow.intake.origin import ORIGIN_ATTRIBUTE, origin_of
from payflow.intake.outbox import BATCH_MAX
from payflow.intake.packing import SEND_BYTES_MAX, packed
from payflow.intake.queues import queue_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["REPLAY_ATTRIBUTE", "Redriven", "calls_of", "delete_messages", "receive_redriven", "send_again"]

REPLAY_ATTRIBUTE: Final = "payflow_replay_of"
"""Says on a replayed message which row of `dead_letters` it is."""

_OWN_ATTRIBUTE: Final = "payflow_class"
"""On every letter that a worker sent; its row was committed before."""

_ATTRIBUTE_BYTES: Final = len(REPLAY_ATTRIBUTE) + len("String") + 20


class Redriven(msgspec.Struct, frozen=True, kw_only=True):
    """A message that SQS itself moved to the dead-letter queue."""

    message_id: str
    body: bytes
    receive_count: int
    sent_at_ms: int
    receipt: str


async def receive_redriven(sqs: Any, url: str, *, hidden_s: int) -> tuple[int, list[Redriven]]:
    """Receive up to ten messages of the dead-letter queue, and leave aside what workers sent themselves.

    All that was received stays hidden for `hidden_s`, so that the next calls come to other messages.

    Returns:
        How many messages were received, and those among them that no worker sent.

    Raises:
        QueueError: SQS doesn't answer, or the queue isn't there.

    """
    try:
        answer = await sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=BATCH_MAX,
            VisibilityTimeout=hidden_s,
            WaitTimeSeconds=0,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            MessageAttributeNames=[_OWN_ATTRIBUTE, ORIGIN_ATTRIBUTE],
        )
    except (ClientError, BotoCoreError) as error:
        raise queue_error(url, error) from error
    messages = answer.get("Messages", [])
    return len(messages), [
        _redriven(message)
        for message in messages
        if _OWN_ATTRIBUTE not in message.get("MessageAttributes", {})
    ]


def _redriven(message: dict[str, Any]) -> Redriven:
    """Read a message; one that waited in the database is who it was before."""
    origin = origin_of(message)
    receives = int(message["Attributes"]["ApproximateReceiveCount"])
    return Redriven(
        message_id=message["MessageId"] if origin is None else origin.message_id,
        body=message["Body"].encode(),
        receive_count=receives + (0 if origin is None else origin.receives),
        sent_at_ms=int(message["Attributes"]["SentTimestamp"]) if origin is None else origin.sent_at_ms,
        receipt=message["ReceiptHandle"],
    )


async def delete_messages(sqs: Any, url: str, receipts: Sequence[str]) -> int:
    """Delete up to ten messages; return how many SQS refused to.

    Raises:
        QueueError: SQS doesn't answer, or the queue isn't there.

    """
    entries = [{"Id": str(place), "ReceiptHandle": receipt} for place, receipt in enumerate(receipts)]
    try:
        answer = await sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    except (ClientError, BotoCoreError) as error:
        raise queue_error(url, error) from error
    return len(answer.get("Failed", []))


async def send_again(sqs: Any, url: str, letters: Sequence[tuple[int, bytes]]) -> dict[int, str]:
    """Send dead letters, each with its id and its body, to the queue as they came; at most one call's worth.

    A message tells by `payflow_replay_of` that it is a replay, unless its body leaves no room for that.

    Returns:
        The ids of those that were not sent, each with the reason.

    Raises:
        QueueError: SQS doesn't answer, or the queue isn't there. Some may have been sent.

    """
    failed: dict[int, str] = {}
    entries = []
    for letter_id, body in letters:
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            failed[letter_id] = f"the body is not UTF-8 at byte {error.start}: SQS carries text only"
            continue
        entry: dict[str, Any] = {"Id": str(letter_id), "MessageBody": text}
        if len(body) + _ATTRIBUTE_BYTES <= SEND_BYTES_MAX:
            value = {"DataType": "String", "StringValue": str(letter_id)}
            entry["MessageAttributes"] = {REPLAY_ATTRIBUTE: value}
        entries.append(entry)
    if entries:
        try:
            answer = await sqs.send_message_batch(QueueUrl=url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            raise queue_error(url, error) from error
        for refused in answer.get("Failed", []):
            failed[int(refused["Id"])] = f"{refused['Code']}: {refused.get('Message', '')}"
    return failed


def calls_of(
    letters: Sequence[tuple[int, bytes]], letters_max: int = BATCH_MAX
) -> Iterator[list[tuple[int, bytes]]]:
    """Cut letters into runs that fit one call of `send_again`: ten at most, 1 MiB with their attributes."""
    return packed(letters, lambda letter: len(letter[1]) + _ATTRIBUTE_BYTES, letters_max)
