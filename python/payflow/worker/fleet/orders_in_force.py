"""The orders in force: read from the database at the start, whenever Redis tells, and every few seconds."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from payflow.errors import StoreError
from payflow.fleet import Duty, read_orders
from payflow.ledger.faults import as_store_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.fleet import Channel
    from payflow.ledger.pool import Pool

LOOK_AGAIN_S: Final = 0.05
LOOKS_MAX: Final = 20
"""How often and how many times it looks for an order that was told before its transaction ended."""
LISTEN_AGAIN_S: Final = 1.0
"""Pause before Redis is listened to again after a failure."""

log = structlog.get_logger(__name__)


class OrdersInForce:
    """Holds the newest orders that could be read.

    The database alone says what is ordered; Redis only says when to look. While neither is there, the last
    orders stay in force.

    Args:
        pool: connections to the database.
        channel: tells when something was ordered.
        worker_id: this worker.
        poll_interval_s: how often it looks without being told.
        read_timeout_s: what one look may take.
        obey: is given each duty that differs from the one before, from `keep_fresh`.

    """

    def __init__(
        self,
        pool: Pool,
        channel: Channel,
        worker_id: str,
        *,
        poll_interval_s: float,
        read_timeout_s: float,
        obey: Callable[[Duty], None],
    ) -> None:
        self._pool = pool
        self._channel = channel
        self._worker_id = worker_id
        self._poll_interval_s = poll_interval_s
        self._read_timeout_s = read_timeout_s
        self._obey = obey
        self._born_revision: int | None = None
        self._told = asyncio.Event()
        self._told_revision = 0
        self.duty = Duty()
        self.read_failures = 0
        """Looks into the database that failed, since the start."""
        self.listen_failures = 0
        """Reads of the channel in Redis that failed, since the start."""

    async def read(self) -> bool:
        """Look into the database; tell whether anything has changed.

        Raises:
            StoreError: it can't be read; the last orders stay in force.

        """
        with as_store_errors():
            async with asyncio.timeout(self._read_timeout_s), self._pool.acquire() as connection:
                orders = await read_orders(connection, self._worker_id)
        if self._born_revision is None:
            self._born_revision = orders.revision
        before, self.duty = self.duty, orders.duty(self._born_revision)
        return self.duty != before

    async def keep_fresh(self) -> None:
        """Look when told, and every interval all the same; until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_interval_s):
                    await self._told.wait()
            self._told.clear()
            await self._look(self._told_revision)

    async def listen(self) -> None:
        """Wait for Redis to tell; until cancelled."""
        while True:
            try:
                revision = await self._channel.told()
            except Exception as error:  # noqa: BLE001 - drivers raise what they like; the database is looked at anyway
                if not self.listen_failures:
                    log.info("orders_not_told", stage="fleet", error=str(error) or type(error).__name__)
                self.listen_failures += 1
                await asyncio.sleep(LISTEN_AGAIN_S)
            else:
                if revision is not None:
                    self._told_revision = revision
                    self._told.set()

    async def _look(self, told_revision: int) -> None:
        """Look until what was told is there; whoever told may not have committed yet, or have lied."""
        for _ in range(LOOKS_MAX):
            try:
                if await self.read():
                    self._obey(self.duty)
            except StoreError as error:
                self.read_failures += 1
                log.warning("orders_not_read", stage="fleet", error=str(error))
                return
            if self.duty.revision >= told_revision:
                return
            await asyncio.sleep(LOOK_AGAIN_S)
        self._told_revision = 0
