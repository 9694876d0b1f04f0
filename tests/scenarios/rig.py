"""Everything that a scenario runs on: a database, a cache, a queue with its dead letters, and workers."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg
from payflow._native import NativeSender
from redis import Redis

from tests.scenarios.worker_process import WorkerProcess, eventually

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from payflow.embedded import EmbeddedValkey

REGION = "us-east-1"
KEY = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
QUICK = {
    "PAYFLOW_QUEUE_VISIBILITY_TIMEOUT_S": "2",
    "PAYFLOW_QUEUE_WAIT_TIME_S": "1",
    "PAYFLOW_QUEUE_RETRY_DELAY_MIN_S": "0",
    "PAYFLOW_QUEUE_RETRY_DELAY_MAX_S": "1",
    "PAYFLOW_QUEUE_POLLS_MAX": "8",
    "PAYFLOW_WORKER_METRICS_PORT": "0",
    "PAYFLOW_WORKER_SHUTDOWN_TIMEOUT_S": "10",
}
"""Settings that make redeliveries come soon."""


@dataclass
class Rig:
    """One scenario's servers, seen from outside."""

    dsn: str
    valkey: EmbeddedValkey
    endpoint_url: str
    sqs: Any
    """A plain boto3 client, as any other consumer has it."""
    queue_name: str
    queue_url: str
    dead_letter_queue_url: str
    logs: Path
    workers: list[WorkerProcess] = field(default_factory=list)

    def send(self, bodies: Iterable[bytes]) -> None:
        """Put bodies into the queue."""
        sender = NativeSender(
            self.endpoint_url,
            REGION,
            self.queue_url,
            2,
            access_key_id="test",
            secret_access_key="test",  # noqa: S106
        )
        assert sender.send(list(bodies)) == []

    def faults(self, **switches: object) -> None:
        """Set the queue's fault switches; those not named are off."""
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{self.endpoint_url}/_payflow/faults", json.dumps(switches).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            assert answer.status == 200

    def redrive_after(self, receives: int) -> None:
        """Move messages to the dead-letter queue once they were received that often."""
        attributes = self.sqs.get_queue_attributes(
            QueueUrl=self.dead_letter_queue_url, AttributeNames=["QueueArn"]
        )["Attributes"]
        policy = {"deadLetterTargetArn": attributes["QueueArn"], "maxReceiveCount": receives}
        self.sqs.set_queue_attributes(
            QueueUrl=self.queue_url, Attributes={"RedrivePolicy": json.dumps(policy)}
        )

    def environment(self, settings: Mapping[str, object]) -> dict[str, str]:
        """Give the environment of a process that works on this rig; settings as `queue_lanes=2`."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("PAYFLOW_", "AWS_"))
        }
        return (
            inherited
            | KEY
            | QUICK
            | {
                "PAYFLOW_POSTGRES_DSN": self.dsn,
                "PAYFLOW_REDIS_URL": self.valkey.endpoint,
                "PAYFLOW_QUEUE_ENDPOINT_URL": self.endpoint_url,
                "PAYFLOW_QUEUE_NAME": self.queue_name,
                "PAYFLOW_QUEUE_DEAD_LETTER_NAME": f"{self.queue_name}-dead",
                **{f"PAYFLOW_{name.upper()}": str(value) for name, value in settings.items()},
            }
        )

    def worker(
        self, *, die_at: tuple[str, int] | None = None, clock_jumps_s: float = 0.0, **settings: object
    ) -> WorkerProcess:
        """Start a worker; settings as `queue_lanes=2`."""
        log = self.logs / f"worker-{len(self.workers)}.log"
        worker = WorkerProcess(self.environment(settings), log, die_at, clock_jumps_s)
        self.workers.append(worker)
        return worker

    def until_working(self, *workers: WorkerProcess) -> None:
        """Wait until each of the workers receives."""
        eventually(
            lambda: all("worker_started" in worker.log() for worker in workers), "they have started", *workers
        )

    def drain(self, *workers: WorkerProcess) -> None:
        """Wait until the queue holds nothing, in flight included; then stop these workers in order."""
        eventually(lambda: self.depth() == 0, "the queue is empty", *workers)
        for worker in workers:
            assert worker.stop() == 0, worker.log()

    def depth(self, queue_url: str | None = None) -> int:
        """Count the messages that are not deleted, visible or not."""
        answer = self.sqs.get_queue_attributes(QueueUrl=queue_url or self.queue_url, AttributeNames=["All"])
        names = ("", "NotVisible", "Delayed")
        return sum(int(answer["Attributes"][f"ApproximateNumberOfMessages{name}"]) for name in names)

    def dead_letters(self) -> list[dict[str, Any]]:
        """Take everything out of the dead-letter queue."""
        letters: list[dict[str, Any]] = []
        while self.depth(self.dead_letter_queue_url):
            answer = self.sqs.receive_message(
                QueueUrl=self.dead_letter_queue_url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=0,
                MessageAttributeNames=["All"],
            )
            for message in answer.get("Messages", []):
                letters.append(message)
                self.sqs.delete_message(
                    QueueUrl=self.dead_letter_queue_url, ReceiptHandle=message["ReceiptHandle"]
                )
        return letters

    def rows(self, statement: str, *parameters: object) -> Sequence[Any]:
        """Run one statement on the database; give its rows."""

        async def fetch() -> Sequence[Any]:
            connection = await asyncpg.connect(self.dsn)
            try:
                rows: Sequence[Any] = await connection.fetch(statement, *parameters)
            finally:
                await connection.close()
            return rows

        return asyncio.run(fetch())

    def attempts(self) -> list[bytes]:
        """List what counts the attempts of messages: one key for each that failed by its own fault."""
        with closing(Redis.from_url(self.valkey.endpoint)) as redis:
            return list(redis.scan_iter(match="pf:attempts:*"))

    def recorded(self) -> int:
        """Count the rows of the trail."""
        return int(self.rows("SELECT count(*) FROM audit_logs")[0][0])

    def until_recorded(self, more: int, *workers: WorkerProcess) -> None:
        """Wait until the trail has that many rows more than now."""
        goal = self.recorded() + more
        eventually(lambda: self.recorded() >= goal, f"the trail has {goal} rows", *workers)
