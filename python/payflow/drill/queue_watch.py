"""Looks at the queues of a drill past all faults: what is left, what waits for it, what was dead-lettered."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from payflow.intake import queues
from payflow.ledger.deferral import waiting_messages

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from payflow.settings import Settings

_RECEIVE_MAX: Final = 10
_STATEMENT_TIMEOUT_S: Final = 10.0


class QueueWatch:
    """A client of the queues for a caller without an event loop; a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runner = asyncio.Runner()
        self._held = AsyncExitStack()
        self._sqs: Any = None

    def __enter__(self) -> Self:
        """Open the client."""
        queue = self._settings.queue
        client = queues.client(endpoint_url=queue.endpoint_url, region=queue.region)
        self._sqs = self._runner.run(self._held.enter_async_context(client))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._runner.run(self._held.aclose())
        self._runner.close()

    def left(self, url: str) -> int:
        """Count what a queue holds: visible, in flight, delayed; and what waits for it in the database."""
        return self._runner.run(self._left(url))

    async def _left(self, url: str) -> int:
        # In this order and back: a message that changes places is in one of them at each look.
        waiting = await self._waiting(url)
        held = (await queues.queue_depths(self._sqs, url)).total
        return held + (waiting or await self._waiting(url))

    async def _waiting(self, url: str) -> int:
        connection = await asyncpg.connect(
            self._settings.postgres.required_dsn,
            timeout=_STATEMENT_TIMEOUT_S,
            command_timeout=_STATEMENT_TIMEOUT_S,
        )
        try:
            return (await waiting_messages(connection, queues.name_of(url), datetime.now(UTC))).messages
        finally:
            await connection.close()

    def take_all(self, url: str) -> list[bytes]:
        """Take everything out of a queue that nobody else uses, and give the bodies."""
        return self._runner.run(self._take_all(url))

    async def _take_all(self, url: str) -> list[bytes]:
        bodies: list[bytes] = []
        while (await queues.queue_depths(self._sqs, url)).total:
            answer = await self._sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=_RECEIVE_MAX, WaitTimeSeconds=1
            )
            for message in answer.get("Messages", []):
                bodies.append(message["Body"].encode())
                await self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies
