"""One pass after another over the outbox: send what is due, then give up waiting for what nobody answered.

At least once: a process that dies between a send and its note sends again. The message carries the command's
id, by which whoever carries it out knows it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import structlog

from payflow.errors import QueueError
from payflow.ledger.commands import Attempt, due_commands, give_up_waiting, overdue_commands, settle

if TYPE_CHECKING:
    from datetime import datetime

    from payflow import _native
    from payflow.ledger.commands import Machinery
    from payflow.ledger.pool import Connection

Send: TypeAlias = Callable[[Sequence[bytes]], Awaitable[Sequence[tuple[int, str]]]]
"""Sends bodies to the queue; gives the places of those that could not be confirmed, with the reason."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DispatchOptions:
    """How much at once, and how long failures wait."""

    batch_size: int = 100
    """Commands of one send, and payments of one pass that become unknown."""
    send_timeout_s: float = 15.0
    retry_delay_min_s: float = 1.0
    retry_delay_max_s: float = 60.0


@dataclass(frozen=True)
class Dispatched:
    """What one pass did."""

    sent: int
    failed: int
    unknown: int


class Dispatcher:
    """Works through the outbox of one database; the caller sees to it that only one does.

    Args:
        machinery: judges what becomes unknown.
        rules: gives the rules in force.
        send: the way to the queue.
        actor: names the dispatcher in the trail.
        options: bounds.

    """

    def __init__(
        self,
        machinery: Machinery,
        rules: Callable[[], _native.RuleSet],
        send: Send,
        actor: str,
        options: DispatchOptions = DispatchOptions(),
    ) -> None:
        self._machinery = machinery
        self._rules = rules
        self._send = send
        self._actor = actor
        self._options = options

    async def dispatch(self, connection: Connection) -> Dispatched:
        """Do one pass.

        Raises:
            StoreError: the database is away; what was sent and not noted is sent again.

        """
        sent, failed = await self._send_due(connection)
        return Dispatched(sent, failed, await self._give_up_waiting(connection))

    async def _send_due(self, connection: Connection) -> tuple[int, int]:
        due = await due_commands(connection, self._machinery.clock(), self._options.batch_size)
        if not due:
            return 0, 0
        errors = await self._errors([command.message.encode() for command in due])
        now = self._machinery.clock()
        attempts = [
            Attempt(
                command_id=command.command_id,
                again_at=None if error is None else self._again_at(command.attempts, now),
                error=error,
            )
            for command, error in zip(due, errors, strict=True)
        ]
        await settle(connection, attempts, now)
        failed = sum(error is not None for error in errors)
        if failed:
            reason = next(error for error in errors if error is not None)
            log.warning("commands_not_sent", commands=failed, reason=reason)
        return len(due) - failed, failed

    async def _errors(self, bodies: Sequence[bytes]) -> list[str | None]:
        """Send; for each body None, or why nobody knows whether the queue has it."""
        errors: list[str | None] = [None] * len(bodies)
        try:
            async with asyncio.timeout(self._options.send_timeout_s):
                for place, reason in await self._send(bodies):
                    errors[place] = reason
        except TimeoutError:
            return ["no answer within the deadline"] * len(bodies)
        except QueueError as error:
            return [str(error)] * len(bodies)
        return errors

    def _again_at(self, attempts: int, now: datetime) -> datetime:
        options = self._options
        delay_s = min(options.retry_delay_max_s, options.retry_delay_min_s * 2.0 ** min(attempts, 30))
        return now + timedelta(seconds=delay_s)

    async def _give_up_waiting(self, connection: Connection) -> int:
        overdue = await overdue_commands(connection, self._machinery.clock(), self._options.batch_size)
        unknown = 0
        for command in overdue:
            if await give_up_waiting(connection, self._machinery, command, self._rules(), self._actor):
                unknown += 1
                log.warning(
                    "command_unknown",
                    command_id=command.command_id,
                    payment_id=command.payment_id,
                    command=command.command,
                    correlation_id=command.correlation_id,
                )
        return unknown
