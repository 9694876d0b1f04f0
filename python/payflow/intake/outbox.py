"""Collects entries for one batch call: ten, or what came within a few milliseconds."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

__all__ = ["BATCH_MAX", "Outbox"]

BATCH_MAX: Final = 10
"""Entries that SQS takes in one call."""

Entry = TypeVar("Entry")


class Outbox(Generic[Entry]):
    """Sends entries in batches, at most `parallel` at once. `send` handles its own failures."""

    def __init__(
        self, send: Callable[[list[Entry]], Awaitable[None]], *, age_max_s: float, parallel: int
    ) -> None:
        self._send = send
        self._age_max_s = age_max_s
        self._slots = asyncio.Semaphore(parallel)
        self._entries: deque[Entry] = deque()
        self._added = asyncio.Event()
        self._full = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()

    def add(self, entries: Iterable[Entry]) -> None:
        """Append entries; returns at once."""
        self._entries.extend(entries)
        if self._entries:
            self._added.set()
        if len(self._entries) >= BATCH_MAX:
            self._full.set()

    async def run(self) -> None:
        """Send batches until cancelled."""
        try:
            while True:
                await self._added.wait()
                await self._fill()
                await self._slots.acquire()
                batch = [self._entries.popleft() for _ in range(min(BATCH_MAX, len(self._entries)))]
                if not self._entries:
                    self._added.clear()
                if len(self._entries) < BATCH_MAX:
                    self._full.clear()
                call = asyncio.create_task(self._call(batch))
                self._calls.add(call)
                call.add_done_callback(self._calls.discard)
        finally:
            for call in self._calls:
                call.cancel()

    async def _fill(self) -> None:
        """Wait until the batch is full or old enough."""
        try:
            async with asyncio.timeout(self._age_max_s):
                await self._full.wait()
        except TimeoutError:
            return

    async def _call(self, batch: list[Entry]) -> None:
        try:
            await self._send(batch)
        finally:
            self._slots.release()
