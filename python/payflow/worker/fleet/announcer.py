"""Says every few seconds what this worker is and does, in the database and in Redis, each by itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from payflow.fleet import announce, forget
from payflow.fleet.announcing import FORGOTTEN_AFTER_S, speak, unspeak

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from payflow.fleet import Announcement, Channel
    from payflow.ledger.pool import Pool

FORGET_INTERVAL_S: Final = 3_600.0
PARTING_S: Final = 1.0
"""What the last words may take."""

log = structlog.get_logger(__name__)


class _Store:
    """Writes the newest announcement into one store, one at a time; a store that hangs holds up no other."""

    def __init__(self, name: str, write: Callable[[Announcement], Awaitable[None]], timeout_s: float) -> None:
        self.name = name
        self._write = write
        self._timeout_s = timeout_s
        self._newest: Announcement | None = None
        self._news = asyncio.Event()
        self.failures = 0

    def put(self, announcement: Announcement) -> None:
        self._newest = announcement
        self._news.set()

    async def run(self) -> None:
        failing = False
        while True:
            await self._news.wait()
            self._news.clear()
            failed = not await self.write(self._timeout_s)
            if failed and not failing:
                log.warning("worker_not_announced", stage="fleet", store=self.name)
            failing = failed

    async def write(self, timeout_s: float) -> bool:
        """Write what is newest; False if the store does not take it."""
        if self._newest is None:
            return True
        try:
            async with asyncio.timeout(timeout_s):
                await self._write(self._newest)
        except Exception:  # noqa: BLE001 - drivers raise what they like; the next heartbeat tries again
            self.failures += 1
            return False
        return True


class Announcer:
    """The voice of one worker.

    Args:
        pool: connections to the database.
        channel: leads to Redis.
        compose: gives what there is to say now.
        interval_s: the heartbeat.
        changed: set when there is something new to say before the next heartbeat.

    """

    def __init__(
        self,
        pool: Pool,
        channel: Channel,
        compose: Callable[[], Announcement],
        interval_s: float,
        changed: asyncio.Event,
    ) -> None:
        self._pool = pool
        self._channel = channel
        self._compose = compose
        self._interval_s = interval_s
        self._changed = changed
        self._stores = (
            _Store("postgres", self._to_database, interval_s),
            _Store("redis", self._to_redis, interval_s),
        )

    async def begin(self) -> None:
        """Say for the first time that it is there, so that it can be given orders by name."""
        self._say()
        await asyncio.gather(*(store.write(self._interval_s) for store in self._stores))

    async def run(self) -> None:
        """Say it every interval, and whenever something has changed; until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for store in self._stores:
                tasks.create_task(store.run(), name=f"announce-{store.name}")
            tasks.create_task(self._keep_forgetting(), name="forget")
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._interval_s):
                        await self._changed.wait()
                self._changed.clear()
                self._say()

    async def end(self) -> None:
        """Say the last words, within `PARTING_S`."""
        self._say()
        await asyncio.gather(*(store.write(PARTING_S) for store in self._stores))

    @property
    def failures(self) -> dict[str, int]:
        """Announcements that a store did not take, since the start."""
        return {store.name: store.failures for store in self._stores}

    def _say(self) -> None:
        announcement = self._compose()
        for store in self._stores:
            store.put(announcement)

    async def _to_database(self, announcement: Announcement) -> None:
        async with self._pool.acquire() as connection:
            await announce(connection, announcement, stopped=announcement.state == "stopped")

    async def _to_redis(self, announcement: Announcement) -> None:
        await speak(self._channel.redis, self._channel.keys, announcement, self._interval_s)

    async def _keep_forgetting(self) -> None:
        """Take workers out that nobody has heard of for a day; any worker may do it for all."""
        while True:
            with suppress(Exception):
                async with asyncio.timeout(self._interval_s), self._pool.acquire() as connection:
                    forgotten = await forget(connection, FORGOTTEN_AFTER_S)
                if forgotten:
                    log.info("workers_forgotten", stage="fleet", workers=forgotten)
                    await unspeak(self._channel.redis, self._channel.keys, forgotten, self._interval_s)
            await asyncio.sleep(FORGET_INTERVAL_S)
