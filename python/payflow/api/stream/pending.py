"""Payments that changed and are still to be told: each once, as it is then, at a bounded rate."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PENDING_MAX", "Pending"]

PENDING_MAX: Final = 5_000
"""Payments that wait; beyond that the ones that wait longest are passed over."""


@dataclass
class _Change:
    verdict: str | None
    behind: int
    """The row of the trail behind which it changed for the first time since it was told last."""


class Pending:
    """Keeps the order of the first change, and the verdict of the last.

    Args:
        per_s: payments that may be told a second; what was not used is saved up for a second at most.
        clock_s: monotonic seconds.

    """

    def __init__(self, per_s: int, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._clock_s = clock_s
        self._changes: dict[str, _Change] = {}
        self._tokens = float(per_s)
        self._filled_s = clock_s()
        self.skipped = False
        """Set when something was passed over; whoever has told so takes it back."""

    def __len__(self) -> int:
        return len(self._changes)

    @property
    def behind(self) -> int | None:
        """The row behind which the first of them changed; None when none waits."""
        return next(iter(self._changes.values())).behind if self._changes else None

    def add(self, payments: Mapping[str, str | None], behind: int) -> None:
        """Add payments that changed behind a row of the trail, with the verdict of their newest delivery."""
        for payment_id, verdict in payments.items():
            change = self._changes.get(payment_id)
            if change is None:
                self._changes[payment_id] = _Change(verdict, behind)
            else:
                change.verdict = verdict
        while len(self._changes) > PENDING_MAX:
            del self._changes[next(iter(self._changes))]
            self.skipped = True

    def take(self) -> dict[str, str | None]:
        """Take out those that may be told now, those that wait longest first."""
        now_s = self._clock_s()
        self._tokens = min(self._tokens + (now_s - self._filled_s) * self._per_s, float(self._per_s))
        self._filled_s = now_s
        count = min(int(self._tokens), len(self._changes))
        self._tokens -= count
        taken = list(self._changes)[:count]
        return {payment_id: self._changes.pop(payment_id).verdict for payment_id in taken}

    def clear(self) -> None:
        """Forget all that waits."""
        self._changes.clear()
        self.skipped = False
