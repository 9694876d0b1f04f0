"""The control plane on both servers."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest
from payflow.errors import QueueMissing, QueueUnavailable
from payflow.intake.queues import client, ensure_queue, queue_depths, queue_url

from tests.conformance.intake.harness import KEY

if TYPE_CHECKING:
    from tests.conformance.intake.harness import Server


async def test_a_queue_is_made_once_with_its_dead_letter_queue(server: Server) -> None:
    name = uuid.uuid4().hex
    async with client(endpoint_url=server.endpoint_url, region="us-east-1", static_key=KEY) as sqs:
        urls = await ensure_queue(sqs, name, f"{name}-dead")
        assert await ensure_queue(sqs, name, f"{name}-dead", visibility_timeout_s=60) == urls
        assert await queue_url(sqs, name) == urls.queue_url
        answer = await sqs.get_queue_attributes(QueueUrl=urls.queue_url, AttributeNames=["All"])
    attributes = answer["Attributes"]
    assert (attributes["VisibilityTimeout"], attributes["MessageRetentionPeriod"]) == ("60", "345600")
    assert attributes["ReceiveMessageWaitTimeSeconds"] == "20"
    redrive = json.loads(attributes["RedrivePolicy"])
    assert int(redrive["maxReceiveCount"]) == 15
    assert redrive["deadLetterTargetArn"].endswith(f"{name}-dead")


async def test_depths_count_what_waits_and_what_is_in_flight(server: Server) -> None:
    name = uuid.uuid4().hex
    async with client(endpoint_url=server.endpoint_url, region="us-east-1", static_key=KEY) as sqs:
        urls = await ensure_queue(sqs, name, f"{name}-dead")
        for body in ("a", "b", "c"):
            await sqs.send_message(QueueUrl=urls.queue_url, MessageBody=body)
        await sqs.receive_message(QueueUrl=urls.queue_url, MaxNumberOfMessages=1, WaitTimeSeconds=0)
        depths = await queue_depths(sqs, urls.queue_url)
    assert (depths.visible, depths.in_flight, depths.delayed, depths.total) == (2, 1, 0, 3)


async def test_a_queue_that_is_not_there_is_named(server: Server) -> None:
    async with client(endpoint_url=server.endpoint_url, region="us-east-1", static_key=KEY) as sqs:
        with pytest.raises(QueueMissing, match="nowhere"):
            await queue_url(sqs, "nowhere")


async def test_a_server_that_does_not_answer_is_named_in_time() -> None:
    unreachable = client(
        endpoint_url="http://127.0.0.1:1", region="us-east-1", static_key=KEY, attempts_max=1
    )
    async with unreachable as sqs:
        with pytest.raises(QueueUnavailable, match="some-queue"):
            await ensure_queue(sqs, "some-queue", "some-queue-dead")
