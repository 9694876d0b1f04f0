"""How many lanes process at once: all of them, until somebody says fewer."""

from __future__ import annotations

import asyncio
from collections import deque


class Slots:
    """Places for batches under way; their number may change at any time.

    A batch that is under way when there are fewer places keeps its own.
    """

    def __init__(self) -> None:
        self._limit: int | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.busy = 0
        """Batches under way."""

    def limit(self, most: int | None) -> None:
        """Let so many through at once from now on, at least one; None lets all."""
        if most is not None and most < 1:
            raise ValueError(f"most: must be at least 1, is {most}")
        self._limit = most
        self._let_in()

    async def __aenter__(self) -> None:
        if self._has_room() and not self._waiting:
            self.busy += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            else:
                self._waiting.remove(turn)
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _has_room(self) -> bool:
        return self._limit is None or self.busy < self._limit

    def _leave(self) -> None:
        self.busy -= 1
        self._let_in()

    def _let_in(self) -> None:
        """Give free places to whoever waits, the first one first."""
        while self._waiting and self._has_room():
            self.busy += 1
            self._waiting.popleft().set_result(None)
