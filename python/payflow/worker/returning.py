"""Messages whose wait in the database is over go back to their queue: one worker of the fleet sends them.

A message is sent first and its row taken out after that. Whoever dies in between leaves the row, the message
is sent twice, and the second one is found to be a duplicate.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import structlog

from payflow.errors import QueueError, StoreError
from payflow.intake import queues
from payflow.intake.origin import Origin
from payflow.intake.sending_back import Returning, send_back
from payflow.ledger import LedgerRaced
from payflow.ledger.deferral import (
    ToldBudget,
    due_messages,
    returned_messages,
    tell_budget,
    waiting_messages,
)
from payflow.ledger.session import elected

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payflow.intake.budget import InFlightBudget
    from payflow.ledger.deferral import Due
    from payflow.ledger.pool import Connection
    from payflow.settings import Settings

__all__ = ["ReturnFigures", "keep_returned", "lock_of", "return_due"]

BATCHES_MAX: Final = 20
"""Batches of one round; the next round goes on from there."""
BATCH_BYTES_MAX: Final = 16 * 1_048_576
TOLD_INTERVAL_S: Final = 5.0
"""How often it counts what waits and tells the budget."""
_LOCKS: Final = 1_169_234_004
"""The upper half of the keys of the advisory locks, one for each queue; any number that nobody else uses."""

log = structlog.get_logger(__name__)


class ReturnFigures:
    """Counters since the start, of the worker that sends. Written by the event loop, read from any thread."""

    def __init__(self) -> None:
        self.returned = 0
        self.failures = 0
        """Messages that the queue did not take, each try counted, and rounds that the database ended."""
        self.waiting: int | None = None
        """Messages that wait; None while another worker sends."""
        self.overdue: int | None = None
        """Part of them whose wait is over."""

    def not_elected(self) -> None:
        """Forget what only the one that sends knows."""
        self.waiting = self.overdue = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """A queue, as its messages are sent to it and as its rows name it."""

    sqs: Any
    url: str

    @property
    def queue(self) -> str:
        """Its name."""
        return queues.name_of(self.url)


def lock_of(queue: str) -> int:
    """Give the key of the lock that lets one worker at a time send back a queue's messages."""
    return _LOCKS << 32 | crc32(queue.encode())


async def return_due(
    connection: Connection,
    place: Place,
    clock: Callable[[], datetime],
    figures: ReturnFigures,
    *,
    batch_size: int,
) -> int:
    """Send what is due, the longest due first, and take it out; return how many were sent.

    What the queue doesn't take stays, and is tried again in the next round.

    Raises:
        StoreError: the database is away; what was sent and not taken out is sent again.

    """
    returned = 0
    for _ in range(BATCHES_MAX):
        due = await due_messages(
            connection, place.queue, clock(), limit=batch_size, bytes_max=BATCH_BYTES_MAX
        )
        if not due:
            break
        failed = await send_back(place.sqs, place.url, list(map(_returning, due)))
        sent = [message for position, message in enumerate(due) if position not in failed]
        if sent:
            await returned_messages(connection, sent)
        returned += len(sent)
        figures.returned += len(sent)
        figures.failures += len(failed)
        if failed:
            log.warning(
                "deferred_not_returned",
                stage="intake",
                messages=len(failed),
                error=next(iter(failed.values())),
            )
            break
    return returned


async def keep_returned(
    settings: Settings,
    url: str,
    budget: InFlightBudget,
    clock: Callable[[], datetime],
    actor: str,
    figures: ReturnFigures,
) -> None:
    """Send back what is due for ever, on a connection of its own; what is away only delays it."""
    lock = lock_of(queues.name_of(url))
    while True:
        try:
            async with elected(settings.postgres.ledger_options(), lock) as connection:
                if connection is not None:
                    await _return_while_elected(connection, settings, url, budget, clock, actor, figures)
        except (StoreError, QueueError, LedgerRaced) as error:
            figures.failures += 1
            log.warning("deferred_delayed", stage="ledger", error=str(error))
        except Exception:
            figures.failures += 1
            log.exception("deferred_failed")
        figures.not_elected()
        await asyncio.sleep(settings.deferral.election_interval_s)


async def _return_while_elected(
    connection: Connection,
    settings: Settings,
    url: str,
    budget: InFlightBudget,
    clock: Callable[[], datetime],
    actor: str,
    figures: ReturnFigures,
) -> None:
    knobs, queue, loop = settings.deferral, settings.queue, asyncio.get_running_loop()
    told_s = -TOLD_INTERVAL_S
    async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region, attempts_max=1) as sqs:
        place = Place(sqs=sqs, url=url)
        while True:
            await return_due(connection, place, clock, figures, batch_size=knobs.batch_size)
            if loop.time() - told_s >= TOLD_INTERVAL_S:
                told_s = loop.time()
                waiting = await waiting_messages(connection, place.queue, clock())
                figures.waiting, figures.overdue = waiting.messages, waiting.overdue
                await tell_budget(connection, place.queue, _told(budget, clock(), actor))
            await asyncio.sleep(knobs.interval_s)


def _returning(due: Due) -> Returning:
    origin = Origin(
        message_id=due.message_id, sent_at_ms=due.sent_at_ms, receives=due.receives, attempts=due.attempts
    )
    return Returning(due.body, origin)


def _told(budget: InFlightBudget, now: datetime, actor: str) -> ToldBudget:
    state = budget.state()
    return ToldBudget(
        used=state.used,
        budget=state.limit,
        share=state.share,
        trend_per_s=state.trend_per_s,
        exhausted_in_s=state.exhausted_in_s,
        told_at=now,
        told_by=actor,
    )
