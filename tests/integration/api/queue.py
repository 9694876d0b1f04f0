"""A queue of one test, seen with plain boto3, and settings that name it."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from payflow.settings import Settings

REGION = "us-east-1"


@dataclass(frozen=True)
class Queue:
    """A queue with its dead-letter queue."""

    sqs: Any
    endpoint_url: str
    name: str
    url: str
    dead_url: str

    def named_in(self, settings: Settings) -> Settings:
        """Give settings of an API that works with this queue."""
        queue = dataclasses.replace(
            settings.queue,
            endpoint_url=self.endpoint_url,
            region=REGION,
            name=self.name,
            dead_letter_name=f"{self.name}-dead",
        )
        return dataclasses.replace(settings, queue=queue)

    def bodies(self) -> list[bytes]:
        """Take all that waits."""
        taken: list[bytes] = []
        while messages := self._receive():
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                taken.append(message["Body"].encode())
        return taken

    def _receive(self) -> list[Any]:
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        messages: list[Any] = answer.get("Messages", [])
        return messages


def make_queue(endpoint_url: str) -> Queue:
    """Make a queue on a local server."""
    sqs = boto3.client(
        "sqs",
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
    )
    name = uuid.uuid4().hex
    dead_url = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return Queue(sqs, endpoint_url, name, url, dead_url)
