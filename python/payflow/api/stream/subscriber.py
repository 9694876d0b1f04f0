"""One reader of the stream: what it wants, and a bounded buffer of what it has not been sent yet."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payflow.api.routing.access import Principal
    from payflow.api.stream.frames import Frame
    from payflow.api.stream.shapes import Topic

__all__ = ["FRAMES_MAX", "Subscriber"]

FRAMES_MAX: Final = 512
"""Frames that wait for one reader; whoever lets more gather is too slow."""


class Subscriber:
    """Takes frames from the hub without ever waiting; whoever writes to the socket takes them out.

    Args:
        principal: who reads.
        topics: what it wants.
        merchant_id: only of this merchant; None: of all.

    """

    def __init__(self, principal: Principal, topics: Iterable[Topic], merchant_id: str | None) -> None:
        self.principal = principal
        self.topics: frozenset[Topic] = frozenset(topics)
        self.merchant_id = merchant_id
        self.dropped = 0
        """Frames that found no room; with the first one the reader is given up."""
        self.close_code: int | None = None
        """Set when the connection has to end."""
        self._frames: OrderedDict[str, Frame] = OrderedDict()
        self._woken = asyncio.Event()

    def change(self, topics: Iterable[Topic], merchant_id: str | None) -> None:
        """Want something else from now on; what waits and is not wanted any more is left out."""
        self.topics, self.merchant_id = frozenset(topics), merchant_id
        for key in [key for key, frame in self._frames.items() if not self.wants(frame)]:
            del self._frames[key]

    def wants(self, frame: Frame) -> bool:
        """Tell whether a frame is for this reader."""
        if frame.topic not in self.topics:
            return False
        return frame.for_all or self.merchant_id in {None, frame.merchant_id}

    def offer(self, frame: Frame) -> None:
        """Take a frame if it is wanted and there is room."""
        if not self.wants(frame):
            return
        if frame.key in self._frames:
            del self._frames[frame.key]
        elif len(self._frames) >= FRAMES_MAX:
            self.dropped += 1
            self._woken.set()
            return
        self._frames[frame.key] = frame
        self._woken.set()

    def end(self, close_code: int) -> None:
        """Have the connection closed."""
        self.close_code = self.close_code or close_code
        self._woken.set()

    def taken(self) -> list[str]:
        """Take out all that waits."""
        texts = [frame.text for frame in self._frames.values()]
        self._frames.clear()
        self._woken.clear()
        return texts

    async def wait(self, timeout_s: float) -> None:
        """Wait until there is something, or the time is up."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return
