"""One listener: what it wants, and what waits for it to be sent."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from payflow.api.stream.shapes import Topic

WAITING_MAX: Final = 1_000
"""Frames that may wait for a slow reader; with one more it is let go."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A message as it goes out, the same bytes to everybody."""

    topic: Topic
    merchant_id: str | None
    """Whose payment it is about; None on what is about none."""
    text: str


class Subscriber:
    """Collects what it wants until its connection takes it."""

    def __init__(self, topics: frozenset[Topic], merchant_id: str | None) -> None:
        self.topics = topics
        self.merchant_id = merchant_id
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()
        self.dropped = 0
        """Frames that found no place: from then on it has gaps, and its connection is to be closed."""
        self.closing: int | None = None
        """The code that its connection is to be closed with."""

    def want(self, topics: Iterable[Topic], merchant_id: str | None) -> None:
        """Change what it wants, from the next frame on."""
        self.topics = frozenset(topics)
        self.merchant_id = merchant_id

    def offer(self, frames: Sequence[Frame]) -> None:
        """Take what it wants of these; never waits."""
        for frame in frames:
            if self.wants(frame):
                self.tell(frame.text)

    def wants(self, frame: Frame) -> bool:
        """Tell whether a frame is for it."""
        if frame.topic not in self.topics:
            return False
        return self.merchant_id is None or frame.topic == "metrics" or frame.merchant_id == self.merchant_id

    def tell(self, text: str) -> None:
        """Take a frame that is meant for this one."""
        if len(self._waiting) >= WAITING_MAX:
            self.dropped += 1
        else:
            self._waiting.append(text)
        self._wake.set()

    def close(self, code: int) -> None:
        """Have its connection closed."""
        if self.closing is None:
            self.closing = code
        self._wake.set()

    async def take(self) -> list[str]:
        """Wait until something is to be done; give what is to be sent."""
        await self._wake.wait()
        self._wake.clear()
        taken = list(self._waiting)
        self._waiting.clear()
        return taken
