"""How many deliveries the plain intake may still receive, when somebody holds it to a rate."""

from __future__ import annotations

from typing import NamedTuple

from payflow.intake.outbox import BATCH_MAX

__all__ = ["Allowance", "Share"]


class Share(NamedTuple):
    """What one receive may bring, and which meter paid for it; none if nobody counted."""

    size: int
    meter: int | None


class Allowance:
    """Unlimited until it is first given a number."""

    def __init__(self) -> None:
        self.left: int | None = None
        """None while nobody counts."""
        self._meter = 0

    def allow(self, more: int | None) -> None:
        """Allow `more` beyond what is left; None ends the count. The first number begins it from nothing."""
        if (self.left is None) != (more is None):
            self._meter += 1  # what an earlier meter paid for is not given back to this one
        self.left = None if more is None else (self.left or 0) + more

    def take(self) -> Share | None:
        """Take what one receive may bring; None if nothing is left."""
        if self.left is None:
            return Share(BATCH_MAX, None)
        size = min(BATCH_MAX, self.left)
        self.left -= size
        return Share(size, self._meter) if size else None

    def give_back(self, share: Share, received: int) -> None:
        """Take back what a receive did not bring."""
        if self.left is not None and share.meter == self._meter:
            self.left += max(0, share.size - received)
