"""What the sweeper counts in the worker that was elected to sweep."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from payflow.worker.sweeper import Swept


class SweepFigures:
    """Counters since the start. Written by the event loop, read from any thread."""

    def __init__(self) -> None:
        self.passes = 0
        self.failures: Counter[str] = Counter()
        """Passes that ended early: `away` for a database or queue that is, `fault` for one of ours."""
        self.freed: Counter[str] = Counter()
        self.orphaned = 0
        self.taken_in = 0
        self.overdue: int | None = None
        """Facts that have waited for too long; None while another worker sweeps."""
        self.last_pass_at: datetime | None = None

    def swept(self, swept: Swept, now: datetime) -> None:
        """Count one pass."""
        self.passes += 1
        self.freed.update(swept.freed)
        self.orphaned += swept.orphaned
        self.taken_in += swept.taken_in.listed
        self.overdue = None if swept.overdue is None else swept.overdue.facts
        self.last_pass_at = now

    def failed(self, kind: str) -> None:
        """Count a pass that ended early."""
        self.failures[kind] += 1

    def not_elected(self) -> None:
        """Forget what only the sweeper knows."""
        self.overdue = None
