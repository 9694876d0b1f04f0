"""Keeps the outbox empty: one process of all, elected by an advisory lock, sends commands on."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from payflow._native import NativeSender
from payflow.dispatch import Dispatcher, DispatchOptions
from payflow.errors import QueueError, QueueMissing, QueueUnavailable, StoreError
from payflow.intake import queues
from payflow.ledger import LedgerRaced
from payflow.ledger.session import elected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.api.services import Services
    from payflow.ledger.pool import Connection
    from payflow.settings import Settings

__all__ = ["DISPATCHER_LOCK", "dispatch_commands"]

DISPATCHER_LOCK: Final = 5_021_947_007
"""Key of the advisory lock that lets one dispatcher work at a time; any number that nobody else uses."""

SEND_CONNECTIONS: Final = 2
SEND_TIMEOUT_S: Final = 10.0
ELECTION_INTERVAL_S: Final = 2.0

log = structlog.get_logger(__name__)


async def dispatch_commands(services: Services) -> None:
    """Send commands for ever, on a connection of its own; a database or queue that is away only delays it.

    The lock is held on the very connection that does the work: a dispatcher that lost it can't write any
    more, and a command that two have sent is known by its id to whoever carries it out.
    """
    name = services.settings.commands.queue_name
    if name is None:
        await asyncio.Event().wait()
        return
    sending = _Sending(services.settings, name)
    options = DispatchOptions(retry_delay_max_s=services.settings.commands.retry_delay_max_s)
    actor = f"dispatcher:{socket.gethostname()}"
    books = services.books
    dispatcher = Dispatcher(books.machinery, books.rules, sending.send, actor, options)
    while True:
        try:
            await _dispatch_while_elected(services, dispatcher)
        except (StoreError, QueueError, LedgerRaced) as error:
            log.warning("dispatch_delayed", error=str(error))
        await asyncio.sleep(ELECTION_INTERVAL_S)


async def _dispatch_while_elected(services: Services, dispatcher: Dispatcher) -> None:
    """Work as long as this process holds the lock; return at once if another one has it."""
    books = services.books
    async with elected(services.settings.postgres.ledger_options(), DISPATCHER_LOCK) as connection:
        if connection is None:
            return
        while True:
            await books.rules_in_force(connection)
            await _until_empty(dispatcher, connection)
            with suppress(TimeoutError):
                async with asyncio.timeout(services.settings.commands.interval_s):
                    await books.command_taken.wait()
            books.command_taken.clear()


async def _until_empty(dispatcher: Dispatcher, connection: Connection) -> None:
    while True:
        done = await dispatcher.dispatch(connection)
        if not done.sent and not done.unknown:
            return


class _Sending:
    """The way to the commands' queue, found when it is first needed."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._queue = settings.queue
        self._name = name
        self._sender: NativeSender | None = None

    async def send(self, bodies: Sequence[bytes]) -> Sequence[tuple[int, str]]:
        """Send each body once; give the places of those that could not be confirmed.

        Raises:
            QueueError: when the queue can't be found.

        """
        if self._sender is None:
            self._sender = await self._open()
        return await asyncio.to_thread(self._sender.send, bodies)

    async def _open(self) -> NativeSender:
        queue = self._queue
        async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
            try:
                url = await queues.queue_url(sqs, self._name)
            except QueueMissing as error:
                raise QueueMissing(f"{error}; PAYFLOW_COMMANDS_QUEUE_NAME names it") from error
        try:
            return await asyncio.to_thread(
                NativeSender,
                queue.endpoint_url,
                queue.region,
                url,
                SEND_CONNECTIONS,
                call_timeout_s=SEND_TIMEOUT_S,
            )
        except OSError as error:
            raise QueueUnavailable(f"{url}: {error}") from error
