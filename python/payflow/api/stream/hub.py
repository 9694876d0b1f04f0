"""One feed a process: looks at the database for all readers, and hands out what it finds.

Nothing is read for one reader alone, but what one missed when it comes back. While nobody listens, nothing is
read.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from payflow.api.stream.figures import Figures
from payflow.api.stream.news import NewsReader
from payflow.api.stream.pending import Pending
from payflow.api.stream.telling import alert_frames, payment_frames, skipped_frames, tick_frame
from payflow.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payflow.api.services import Services
    from payflow.api.stream.frames import Frame
    from payflow.api.stream.news import News
    from payflow.api.stream.subscriber import Subscriber
    from payflow.ledger.pool import Connection

__all__ = ["Hub", "keep_streaming"]

LOOK_INTERVAL_S: Final = 0.15
AWAY_INTERVAL_S: Final = 1.0
ALERTS_AT_ONCE_MAX: Final = 200
MERCHANTS_MAX: Final = 1_000

log = structlog.get_logger(__name__)


async def keep_streaming(services: Services) -> None:
    """Run the hub of this process for ever."""
    await services.hub.run()


class Hub:
    """The readers of this process, and what they are told.

    Args:
        services: the database, the clock, the queue, the fleet.
        payments_per_s: payments that are told a second; where more change, each is told later, as it is then.

    """

    def __init__(self, services: Services, payments_per_s: int) -> None:
        self._services = services
        self._news = NewsReader()
        self._figures = Figures(services)
        self._pending = Pending(payments_per_s)
        self._someone = asyncio.Event()
        self.subscribers: set[Subscriber] = set()
        self.begun = asyncio.Event()
        """Set while it is known where the stream is."""

    @property
    def cursor(self) -> int:
        """Where a later connection may go on: all up to this row of the trail was told."""
        behind = self._pending.behind
        complete_to = self._news.complete_to
        return complete_to if behind is None else min(complete_to, behind)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Begin to tell a reader."""
        self.subscribers.add(subscriber)
        self._someone.set()

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Tell a reader nothing more."""
        self.subscribers.discard(subscriber)
        if not self.subscribers:
            self._someone.clear()

    async def run(self) -> None:
        """Look and tell for ever; without readers, wait."""
        while True:
            if not self.subscribers:
                await self._until_someone_listens()
            interval_s = LOOK_INTERVAL_S
            try:
                async with self._services.database.connection() as connection:
                    await self._look(connection)
            except StoreError as error:
                log.debug("stream_waits", reason=str(error))
                # What was taken out to be told may be lost: readers have to read their pages again.
                self._pending.skipped = True
                interval_s = AWAY_INTERVAL_S
            await asyncio.sleep(interval_s)

    async def _until_someone_listens(self) -> None:
        self.begun.clear()
        self._news.forget()
        self._pending.clear()
        await self._someone.wait()
        self._figures.begin()

    async def _look(self, connection: Connection) -> None:
        if not self._news.begun:
            await self._news.begin(connection)
            self.begun.set()
        behind = self._news.complete_to
        news = await self._news.look(connection)
        self._figures.count(news.verdicts)
        if self._wanted("payments"):
            self._pending.add(news.payments, behind)
            await self._tell_payments(connection, news)
        if self._wanted("alerts"):
            await self._tell_alerts(connection, news)
        self._pending.skipped = self._pending.skipped or news.skipped
        if self._figures.due():
            await self._tick(connection)

    async def _tell_payments(self, connection: Connection, news: News) -> None:
        """Tell as many payments as the rate allows; of a merchant that somebody asked for by name, all."""
        now, due = self._services.clock(), self._pending.take()
        if due:
            self._hand_out(await payment_frames(connection, due, self.cursor, now))
        of_one = [subscriber for subscriber in self.subscribers if subscriber.merchant_id is not None]
        more = {name: verdict for name, verdict in news.payments.items() if name not in due}
        if of_one and more:
            merchants = list({subscriber.merchant_id or "" for subscriber in of_one})[:MERCHANTS_MAX]
            frames = await payment_frames(connection, more, self.cursor, now, merchants=merchants)
            self._hand_out(frames, of_one)

    async def _tell_alerts(self, connection: Connection, news: News) -> None:
        created, changed = news.alerts_new, sorted(news.alerts_changed)
        if max(len(created), len(changed)) > ALERTS_AT_ONCE_MAX:
            self._pending.skipped = True
        now = self._services.clock()
        newest = created[-ALERTS_AT_ONCE_MAX:]
        self._hand_out(await alert_frames(connection, "alert.created", newest, self.cursor, now))
        newest = changed[-ALERTS_AT_ONCE_MAX:]
        self._hand_out(await alert_frames(connection, "alert.changed", newest, self.cursor, now))

    async def _tick(self, connection: Connection) -> None:
        now = self._services.clock()
        if self._pending.skipped:
            self._pending.skipped = False
            self._hand_out(skipped_frames(self.cursor, now))
        self._hand_out([tick_frame(await self._figures.tick(connection, now), self.cursor)])

    def _wanted(self, topic: str) -> bool:
        return any(topic in subscriber.topics for subscriber in self.subscribers)

    def _hand_out(self, frames: list[Frame], to: Iterable[Subscriber] | None = None) -> None:
        for subscriber in self.subscribers if to is None else to:
            for frame in frames:
                subscriber.offer(frame)
