"""Dead-letter queues and the way back out of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Code = Callable[..., str | None]


class Pair(NamedTuple):
    """A queue that moves messages after one receive, and its dead-letter queue."""

    live: str
    dead: str
    live_arn: str
    dead_arn: str


@pytest.fixture
def pair(sqs: Any, name: str) -> Pair:
    def arn(url: str) -> str:
        shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(shown["Attributes"]["QueueArn"])

    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    policy = json.dumps({"deadLetterTargetArn": arn(dead), "maxReceiveCount": 1})
    live = sqs.create_queue(QueueName=f"{name}-live", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    return Pair(live, dead, arn(live), arn(dead))


def kill(sqs: Any, pair: Pair, body: str) -> str:
    """Send a message and receive it until it is dead; give its id."""
    sent = sqs.send_message(QueueUrl=pair.live, MessageBody=body)
    assert "Messages" in sqs.receive_message(QueueUrl=pair.live, VisibilityTimeout=0)
    assert "Messages" not in sqs.receive_message(QueueUrl=pair.live, VisibilityTimeout=0)
    return str(sent["MessageId"])


def test_a_message_received_too_often_moves_and_keeps_its_id_and_time(sqs: Any, pair: Pair) -> None:
    sent_id = kill(sqs, pair, "poison")
    reply = sqs.receive_message(QueueUrl=pair.dead, MessageSystemAttributeNames=["All"], WaitTimeSeconds=2)
    (message,) = reply["Messages"]
    assert (message["Body"], message["MessageId"]) == ("poison", sent_id)
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == pair.live_arn
    sent, received = (
        message["Attributes"][key] for key in ("SentTimestamp", "ApproximateFirstReceiveTimestamp")
    )
    assert int(sent) <= int(received)


def test_the_policy_is_shown_with_a_number(sqs: Any, pair: Pair) -> None:
    shown = sqs.get_queue_attributes(QueueUrl=pair.live, AttributeNames=["RedrivePolicy"])["Attributes"]
    policy = {"deadLetterTargetArn": pair.dead_arn, "maxReceiveCount": 1}
    assert json.loads(shown["RedrivePolicy"]) == policy


def test_the_sources_of_a_dead_letter_queue_are_listed(sqs: Any, pair: Pair) -> None:
    assert sqs.list_dead_letter_source_queues(QueueUrl=pair.dead)["queueUrls"] == [pair.live]


def test_a_move_task_brings_messages_back(sqs: Any, pair: Pair) -> None:
    kill(sqs, pair, "a")
    sqs.start_message_move_task(SourceArn=pair.dead_arn)
    (message,) = sqs.receive_message(QueueUrl=pair.live, WaitTimeSeconds=5)["Messages"]
    assert message["Body"] == "a"
    (task,) = sqs.list_message_move_tasks(SourceArn=pair.dead_arn)["Results"]
    assert task["SourceArn"] == pair.dead_arn
    assert task["ApproximateNumberOfMessagesMoved"] == 1


def test_a_move_task_can_be_cancelled(sqs: Any, pair: Pair) -> None:
    for body in "abc":
        kill(sqs, pair, body)
    started = sqs.start_message_move_task(SourceArn=pair.dead_arn, MaxNumberOfMessagesPerSecond=1)
    cancelled = sqs.cancel_message_move_task(TaskHandle=started["TaskHandle"])
    assert cancelled["ApproximateNumberOfMessagesMoved"] < 3
    (task,) = sqs.list_message_move_tasks(SourceArn=pair.dead_arn)["Results"]
    assert task["Status"] == "CANCELLED"


def test_only_a_dead_letter_queue_can_be_moved_from(sqs: Any, pair: Pair, code: Code) -> None:
    assert code(sqs.start_message_move_task, SourceArn=pair.live_arn) == "InvalidParameterValue"


def test_a_task_that_is_not_there_can_not_be_listed(sqs: Any, pair: Pair, code: Code) -> None:
    missing = f"{pair.dead_arn}-missing"
    assert code(sqs.list_message_move_tasks, SourceArn=missing) == "ResourceNotFoundException"
