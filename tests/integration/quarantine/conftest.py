"""A yard for each test, a queue server for the session, and commands that work on both."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from payflow.cli import run

from tests.integration.quarantine.yard import Yard, open_yard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


@dataclass(frozen=True)
class Queue:
    """A queue with its dead-letter queue, seen with plain boto3."""

    sqs: Any
    endpoint_url: str
    name: str
    url: str
    dead_url: str

    def bodies(self) -> list[bytes]:
        """Take all that waits in the queue."""
        taken: list[bytes] = []
        while messages := self._receive(self.url):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                taken.append(message["Body"].encode())
        return taken

    def dead(self) -> int:
        """Count what the dead-letter queue holds, hidden or not."""
        answer = self.sqs.get_queue_attributes(QueueUrl=self.dead_url, AttributeNames=["All"])
        names = ("", "NotVisible")
        return sum(int(answer["Attributes"][f"ApproximateNumberOfMessages{name}"]) for name in names)

    def _receive(self, url: str) -> list[Any]:
        answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        messages: list[Any] = answer.get("Messages", [])
        return messages


@pytest.fixture
async def yard(database_dsn: str) -> AsyncIterator[Yard]:
    async with open_yard(database_dsn) as opened:
        yield opened


@pytest.fixture(scope="session")
def sqs_endpoint() -> Iterator[str]:
    program = "from payflow import _native; _native.serve_localsqs(port=0)"
    with subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        _, endpoint_url = process.stdout.readline().split()
        yield endpoint_url
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def queue(sqs_endpoint: str) -> Queue:
    sqs = boto3.client(
        "sqs",
        endpoint_url=sqs_endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
    )
    name = uuid.uuid4().hex
    dead_url = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return Queue(sqs, sqs_endpoint, name, url, dead_url)


@pytest.fixture
def command(
    database_dsn: str, queue: Queue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, Any]]:
    """Run `payflow ... --json` on the yard and the queue; gives the exit code and what it printed."""
    for name, value in {
        "PAYFLOW_POSTGRES_DSN": database_dsn,
        "PAYFLOW_QUEUE_ENDPOINT_URL": queue.endpoint_url,
        "PAYFLOW_QUEUE_NAME": queue.name,
        "PAYFLOW_QUEUE_DEAD_LETTER_NAME": f"{queue.name}-dead",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)

    def call(*tokens: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = run(tokens)
        said = capsys.readouterr()
        try:
            return code, json.loads(said.out)
        except ValueError:
            return code, said.out + said.err

    return call
