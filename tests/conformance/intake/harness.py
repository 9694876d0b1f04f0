"""What the conformance tests of the intake work with: a server, a queue, an intake, and ways to wait."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pytest
from payflow.intake import Batch, Intake, IntakeOptions, StaticKey, open_intake

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_S = 30.0
KEY = StaticKey(access_key_id="test", secret_access_key="test")  # noqa: S106 - both servers take any


@dataclass(frozen=True)
class Server:
    """An SQS endpoint on loopback."""

    kind: Literal["local", "moto"]
    endpoint_url: str
    sqs: Any

    def set_faults(self, **switches: object) -> None:
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{self.endpoint_url}/_payflow/faults", json.dumps(switches).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            assert answer.status == 200


@dataclass
class Bench:
    """A queue with its dead-letter queue, and intakes on it."""

    server: Server
    transport: Literal["native", "aioboto3"]
    queue_url: str
    dead_letter_queue_url: str
    opened: list[Intake] = field(default_factory=list)

    async def open(self, *, paused: bool = False, **knobs: Any) -> Intake:
        plain: dict[str, Any] = {
            "queue_url": self.queue_url,
            "dead_letter_queue_url": self.dead_letter_queue_url,
            "endpoint_url": self.server.endpoint_url,
            "region": "us-east-1",
            "static_key": KEY,
            "lanes": 1,
            # moto hands one message to two simultaneous receives now and then.
            "polls_max": 2 if self.server.kind == "local" else 1,
            "wait_time_s": 1,
            "deletes_max": 2,
        }
        intake = open_intake(IntakeOptions(**plain | knobs), self.transport)
        self.opened.append(intake)
        await intake.start(paused=paused)
        return intake

    async def send(self, bodies: list[str]) -> None:
        for start in range(0, len(bodies), 10):
            entries = [
                {"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[start : start + 10])
            ]
            answer = await asyncio.to_thread(
                self.server.sqs.send_message_batch, QueueUrl=self.queue_url, Entries=entries
            )
            assert not answer.get("Failed")

    async def depth(self, queue_url: str | None = None) -> int:
        """Count everything that is not deleted, visible or not."""
        answer = await asyncio.to_thread(
            self.server.sqs.get_queue_attributes, QueueUrl=queue_url or self.queue_url, AttributeNames=["All"]
        )
        names = ("", "NotVisible", "Delayed")
        return sum(int(answer["Attributes"][f"ApproximateNumberOfMessages{name}"]) for name in names)

    async def receive(self, queue_url: str | None = None) -> list[dict[str, Any]]:
        """Look with a plain client, as any other consumer would."""
        answer = await asyncio.to_thread(
            self.server.sqs.receive_message,
            QueueUrl=queue_url or self.queue_url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=0,
            VisibilityTimeout=30,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages


async def batch_of(intake: Intake, lane: int = 0) -> Batch:
    """Take the next batch; there must be one."""
    async with asyncio.timeout(DEADLINE_S):
        batch = await intake.batch(lane)
    assert batch is not None
    return batch


async def take(intake: Intake, count: int, lane: int = 0) -> list[Batch]:
    """Take batches until they have `count` deliveries."""
    batches: list[Batch] = []
    while sum(map(len, batches)) < count:
        batches.append(await batch_of(intake, lane))
    return batches


async def eventually(holds: Callable[[], Any], claim: str) -> None:
    """Look again and again until `holds` does; it may be a coroutine function."""
    ends_at = time.monotonic() + DEADLINE_S
    while time.monotonic() < ends_at:
        outcome = holds()
        if asyncio.iscoroutine(outcome):
            outcome = await outcome
        if outcome:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"never came true: {claim}")
