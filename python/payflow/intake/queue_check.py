"""Holds a queue and its dead-letter queue against the attributes that they should have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import msgspec
import structlog
from botocore.exceptions import BotoCoreError, ClientError

from payflow.errors import QueueError
from payflow.intake.queues import (
    DEAD_LETTER_RETENTION_S,
    RETENTION_S,
    name_of,
    queue_error,
    redrive_policy,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payflow.intake.queues import QueueUrls

__all__ = ["QueueAttributes", "QueueDifference", "queue_differences", "warn_of_differences"]

_READ: Final = (
    "QueueArn",
    "VisibilityTimeout",
    "ReceiveMessageWaitTimeSeconds",
    "MessageRetentionPeriod",
    "RedrivePolicy",
)

log = structlog.get_logger(__name__)


class _Knobs(Protocol):
    """What of a queue is a setting; the rest is the same everywhere."""

    @property
    def visibility_timeout_s(self) -> int: ...
    @property
    def wait_time_s(self) -> int: ...
    @property
    def receives_max(self) -> int: ...


class QueueAttributes(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue of payment events and its dead-letter queue should be like."""

    visibility_timeout_s: int = 30
    wait_time_s: int = 20
    """Long poll, for consumers that don't name one."""
    receives_max: int = 15
    """Receives of a message before SQS moves it to the dead-letter queue."""
    retention_s: int = RETENTION_S
    dead_letter_retention_s: int = DEAD_LETTER_RETENTION_S
    """At least this: a dead letter's age counts from when it was first sent, so it must be the longer."""

    @classmethod
    def of(cls, knobs: _Knobs) -> Self:
        """Take what is set, and the specification's values for the rest."""
        return cls(
            visibility_timeout_s=knobs.visibility_timeout_s,
            wait_time_s=knobs.wait_time_s,
            receives_max=knobs.receives_max,
        )


class QueueDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute that is not as it should be."""

    queue: str
    """Name of the queue."""
    attribute: str
    """As SQS calls it."""
    expected: str
    found: str
    """Empty where the queue has no such attribute."""

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.queue}: {self.attribute} is {self.found or 'unset'}, should be {self.expected}"


async def queue_differences(sqs: Any, urls: QueueUrls, expected: QueueAttributes) -> list[QueueDifference]:
    """List what differs from the expected attributes; nothing when all is as it should be.

    Raises:
        QueueMissing: a queue is not there, or its attributes may not be read.
        QueueUnavailable: SQS does not answer.
    """
    queue = await _attributes(sqs, urls.queue_url)
    dead = await _attributes(sqs, urls.dead_letter_queue_url)
    name, dead_name = name_of(urls.queue_url), name_of(urls.dead_letter_queue_url)
    return [*_of_queue(name, queue, dead, expected), *_of_dead_letters(dead_name, dead, expected)]


async def warn_of_differences(sqs: Any, urls: QueueUrls, expected: QueueAttributes) -> None:
    """Log a warning for each difference. Never raises: a worker can do its work on a queue that differs."""
    try:
        differences = await queue_differences(sqs, urls, expected)
    except QueueError as error:
        log.warning("queue_not_checked", stage="intake", queue=urls.queue_url, error=str(error))
        return
    for difference in differences:
        log.warning(
            "queue_differs",
            stage="intake",
            queue=difference.queue,
            attribute=difference.attribute,
            expected=difference.expected,
            found=difference.found,
            next="`payflow queue create` brings it to what it should be",
        )


def _of_queue(
    name: str, found: dict[str, str], dead: dict[str, str], expected: QueueAttributes
) -> Iterator[QueueDifference]:
    redrive = redrive_policy(found)
    for attribute, should, is_ in (
        ("VisibilityTimeout", str(expected.visibility_timeout_s), found.get("VisibilityTimeout")),
        (
            "ReceiveMessageWaitTimeSeconds",
            str(expected.wait_time_s),
            found.get("ReceiveMessageWaitTimeSeconds"),
        ),
        ("MessageRetentionPeriod", str(expected.retention_s), found.get("MessageRetentionPeriod")),
        ("RedrivePolicy.maxReceiveCount", str(expected.receives_max), redrive.get("maxReceiveCount")),
        ("RedrivePolicy.deadLetterTargetArn", dead["QueueArn"], redrive.get("deadLetterTargetArn")),
    ):
        if should != is_:
            yield QueueDifference(queue=name, attribute=attribute, expected=should, found=is_ or "")


def _of_dead_letters(
    name: str, found: dict[str, str], expected: QueueAttributes
) -> Iterator[QueueDifference]:
    retention_s = int(found.get("MessageRetentionPeriod", 0))
    if retention_s < expected.dead_letter_retention_s:
        yield QueueDifference(
            queue=name,
            attribute="MessageRetentionPeriod",
            expected=f"at least {expected.dead_letter_retention_s}",
            found=str(retention_s),
        )


async def _attributes(sqs: Any, url: str) -> dict[str, str]:
    try:
        answer = await sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_READ))
    except (ClientError, BotoCoreError) as error:
        raise queue_error(url, error) from error
    attributes: dict[str, str] = answer["Attributes"]
    return attributes
