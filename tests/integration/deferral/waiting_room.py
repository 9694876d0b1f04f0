"""What the tests of waiting messages hold in their hands: rows that wait, and rounds that send them back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from payflow.intake.queues import client
from payflow.ledger.deferral import DeferredRow, defer_messages
from payflow.worker.returning import Place, ReturnFigures, return_due

if TYPE_CHECKING:
    from tests.integration.quarantine.conftest import Queue
    from tests.integration.quarantine.yard import Yard

SENT_AT_MS = 1_700_000_000_123


def waiting(message_id: str, **more: Any) -> DeferredRow:
    plain: dict[str, Any] = {
        "message_id": message_id,
        "cause": "long_wait",
        "reason": "store_refused",
        "error": "a constraint",
        "attempts": 6,
        "receives": 9,
        "sent_at_ms": SENT_AT_MS,
        "delay_s": 60,
        "payment_id": "p",
        "source": "stripe",
        "event_id": "e",
        "correlation_id": "c",
        "body": f"body of {message_id}".encode(),
    }
    return DeferredRow(**plain | more)


async def put(yard: Yard, queue: str, *rows: DeferredRow) -> None:
    async with yard.pool.acquire() as connection, connection.transaction():
        await defer_messages(connection, queue, rows, now=yard.clock(), actor="worker")


async def send_round(yard: Yard, queue: Queue, figures: ReturnFigures | None = None, **knobs: int) -> int:
    """Do one round of the worker that sends messages back."""
    async with (
        client(endpoint_url=queue.endpoint_url, region="us-east-1", attempts_max=1) as sqs,
        yard.pool.acquire() as connection,
    ):
        return await return_due(
            connection,
            Place(sqs=sqs, url=queue.url),
            yard.clock,
            figures or ReturnFigures(),
            batch_size=knobs.get("batch_size", 500),
        )


async def received(queue: Queue) -> list[dict[str, Any]]:
    """Take all that waits in the queue, with its attributes."""

    def take() -> list[dict[str, Any]]:
        taken: list[dict[str, Any]] = []
        while messages := queue.sqs.receive_message(
            QueueUrl=queue.url, MaxNumberOfMessages=10, WaitTimeSeconds=0, MessageAttributeNames=["All"]
        ).get("Messages", []):
            for message in messages:
                queue.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
            taken += messages
        return taken

    return await asyncio.to_thread(take)
