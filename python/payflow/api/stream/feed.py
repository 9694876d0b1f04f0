"""One look at the trail for all listeners of a process: what came since the last one, as frames."""

from __future__ import annotations

import asyncio
import time
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from payflow.api.alerts.reading import read_alerts
from payflow.api.stream.shapes import Message, PaymentChanged
from payflow.api.stream.subscriber import Frame
from payflow.api.stream.ticks import Ticks
from payflow.errors import StoreError
from payflow.ledger.settled import Settling

if TYPE_CHECKING:
    from datetime import datetime

    from payflow.api.services import Services
    from payflow.api.stream.subscriber import Subscriber
    from payflow.ledger.pool import Connection

LOOK_INTERVAL_S: Final = 0.1
"""A row is told at the second look after its commit, so within three of these."""
TICK_INTERVAL_S: Final = 1.0
PAYMENTS_MAX: Final = 50
"""Payments of one look, the newest: nobody reads more than 500 a second."""
ALERTS_MAX: Final = 50
RESUMED_MAX: Final = 1_000
"""Rows of the trail that a listener may have missed and is still told of; past that it reads lists anew."""
ROWS_MAX: Final = 50_000
"""Rows of one look; after a longer gap only the newest are told."""

_SQL = files("payflow.api.stream") / "sql"
_NEWEST = (_SQL / "newest.sql").read_text()
_PAYMENTS = (_SQL / "payments.sql").read_text()
_ALERTS = (_SQL / "alerts.sql").read_text()
_VERDICTS = (_SQL / "verdicts.sql").read_text()
_MISSED = (_SQL / "missed.sql").read_text()

_encode = msgspec.json.Encoder().encode

log = structlog.get_logger(__name__)


class Feed:
    """Looks while there are listeners, and tells them; a process has one."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._subscribers: set[Subscriber] = set()
        self._wanted = asyncio.Event()
        self._settling: Settling[tuple[int, int]] = Settling()
        self._told: tuple[int, int] | None = None
        self._ticks = Ticks(services)
        self._ticked_s = 0.0

    @property
    def listeners(self) -> int:
        """How many there are."""
        return len(self._subscribers)

    def join(self, subscriber: Subscriber) -> None:
        """Tell somebody from now on."""
        self._subscribers.add(subscriber)
        self._wanted.set()

    def leave(self, subscriber: Subscriber) -> None:
        """Tell somebody no more; without listeners the database is left in peace."""
        self._subscribers.discard(subscriber)
        if not self._subscribers:
            self._wanted.clear()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            if not self._wanted.is_set():
                self._settling, self._told = Settling(), None
                await self._wanted.wait()
            began_s = time.monotonic()
            try:
                async with self._services.database.connection() as connection:
                    await self._look(connection, began_s)
            except StoreError as error:
                log.debug("stream_not_fed", reason=str(error))
            await asyncio.sleep(max(LOOK_INTERVAL_S - (time.monotonic() - began_s), LOOK_INTERVAL_S / 4))

    async def resume(self, subscriber: Subscriber, since: int | None) -> str:
        """Let somebody join; tell them first what they missed, if that is little.

        Returns:
            The first frame: whether they were told all, and from where they may resume.

        """
        async with self._services.database.connection() as connection:
            newest = await connection.fetchrow(_NEWEST)
            position = self._told or (newest["audit_id"], newest["alert_id"])
            resumed = since is not None and 0 <= position[0] - since <= RESUMED_MAX
            frames: list[Frame] = []
            if resumed and since is not None:
                alert_id = await connection.fetchval(_MISSED, since)
                start = (since, min(alert_id, position[1]))
                frames = await self._frames(connection, start, position, RESUMED_MAX)
        # No await from here on: whatever the next look finds comes after this position.
        subscriber.tell(_text(Message(type="hello", data={"resumed": resumed, "last_id": str(position[0])})))
        subscriber.offer(frames)
        self.join(subscriber)
        return str(position[0])

    async def _look(self, connection: Connection, now_s: float) -> None:
        row = await connection.fetchrow(_NEWEST)
        if self._told is None:
            self._told = (row["audit_id"], row["alert_id"])
        settled = self._settling.look((row["audit_id"], row["alert_id"]), row["oldest"], row["next"])
        frames: list[Frame] = []
        if settled is not None and settled > self._told:
            start = (max(self._told[0], settled[0] - ROWS_MAX), self._told[1])
            frames = await self._frames(connection, start, settled, PAYMENTS_MAX)
            verdicts = await connection.fetch(_VERDICTS, start[0], settled[0])
            self._ticks.count({row["verdict"]: row["deliveries"] for row in verdicts})
            self._told = (max(settled[0], self._told[0]), max(settled[1], self._told[1]))
        if now_s - self._ticked_s >= TICK_INTERVAL_S:
            self._ticked_s = now_s
            frames.append(await self._tick(connection, now_s))
        for subscriber in self._subscribers:
            subscriber.offer(frames)

    async def _tick(self, connection: Connection, now_s: float) -> Frame:
        tick = await self._ticks.tick(connection, now_s)
        text = _text(Message(topic="metrics", type="metrics.tick", at=tick.at, data=tick))
        return Frame("metrics", None, text)

    async def _frames(
        self, connection: Connection, start: tuple[int, int], end: tuple[int, int], payments_max: int
    ) -> list[Frame]:
        now = self._services.clock()
        rows = await connection.fetch(_PAYMENTS, start[0], end[0], payments_max)
        frames = [_payment(row, now) for row in rows]
        chosen = await connection.fetch(_ALERTS, start[0], end[0], start[1], end[1], ALERTS_MAX)
        if chosen:
            created = {row["alert_id"]: row["created"] for row in reversed(chosen)}
            for alert in await read_alerts(connection, list(created), now):
                kind = "alert.created" if created[int(alert.alert_id)] else "alert.changed"
                message = Message(topic="alerts", type=kind, id=str(end[0]), at=now, data=alert)
                frames.append(Frame("alerts", alert.merchant_id, _text(message)))
        return frames


def _payment(row: Any, now: datetime) -> Frame:
    changed = PaymentChanged(**{name: row[name] for name in PaymentChanged.__struct_fields__})
    message = Message(topic="payments", type="payment.changed", id=str(row["audit_id"]), at=now, data=changed)
    return Frame("payments", row["merchant_id"], _text(message))


def _text(message: Message) -> str:
    return _encode(message).decode()
