"""Differences between a queue and what it should be, on answers that no server of ours gives."""

from __future__ import annotations

import json
from typing import Any

from payflow.intake.queue_check import QueueAttributes, QueueDifference, queue_differences
from payflow.intake.queues import QueueUrls

URLS = QueueUrls(queue_url="http://sqs/1/events", dead_letter_queue_url="http://sqs/1/dead")
RIGHT = {
    "QueueArn": "arn:events",
    "VisibilityTimeout": "30",
    "ReceiveMessageWaitTimeSeconds": "20",
    "MessageRetentionPeriod": "345600",
    "RedrivePolicy": json.dumps({"deadLetterTargetArn": "arn:dead", "maxReceiveCount": 15}),
}
DEAD = {"QueueArn": "arn:dead", "MessageRetentionPeriod": "1209600"}


class Sqs:
    """Answers with fixed attributes."""

    def __init__(self, queue: dict[str, str], dead: dict[str, str]) -> None:
        self._answers = {URLS.queue_url: queue, URLS.dead_letter_queue_url: dead}

    async def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803 - SQS's names
        return {
            "Attributes": {
                name: value for name, value in self._answers[QueueUrl].items() if name in AttributeNames
            }
        }


async def differing(queue: dict[str, str], dead: dict[str, str] | None = None) -> list[QueueDifference]:
    return await queue_differences(Sqs(queue, DEAD | (dead or {})), URLS, QueueAttributes())


async def test_a_queue_as_the_specification_has_it_does_not_differ() -> None:
    assert await differing(RIGHT) == []


async def test_a_queue_without_a_redrive_policy_lacks_both_parts_of_it() -> None:
    found = await differing({name: value for name, value in RIGHT.items() if name != "RedrivePolicy"})
    assert [(difference.attribute, difference.found) for difference in found] == [
        ("RedrivePolicy.maxReceiveCount", ""),
        ("RedrivePolicy.deadLetterTargetArn", ""),
    ]
    assert str(found[0]) == "events: RedrivePolicy.maxReceiveCount is unset, should be 15"


async def test_a_redrive_policy_that_cannot_be_read_counts_as_none() -> None:
    for policy in ("{", "[]", ""):
        assert len(await differing(RIGHT | {"RedrivePolicy": policy})) == 2


async def test_dead_letters_that_go_elsewhere_are_a_difference() -> None:
    policy = json.dumps({"deadLetterTargetArn": "arn:other", "maxReceiveCount": "15"})
    (found,) = await differing(RIGHT | {"RedrivePolicy": policy})
    assert (found.attribute, found.expected, found.found) == (
        "RedrivePolicy.deadLetterTargetArn",
        "arn:dead",
        "arn:other",
    )


async def test_dead_letters_may_be_kept_for_longer_but_not_shorter() -> None:
    (found,) = await differing(RIGHT, {"MessageRetentionPeriod": "345600"})
    assert (found.queue, found.expected) == ("dead", "at least 1209600")
    assert await differing(RIGHT, {"MessageRetentionPeriod": "1209600"}) == []
