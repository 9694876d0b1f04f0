"""A bound on the log: so many lines of each name a second, the rest is counted."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LINES_PER_S: Final = 10
SUMMARY_INTERVAL_S: Final = 10.0
NAMES_MAX: Final = 1_000
"""Names that have a budget of their own; those that come later share one."""
OTHERS: Final = "(others)"


@dataclass(slots=True)
class _Window:
    since_s: float
    lines: int = 0
    suppressed: int = 0


class LineBudget:
    """Says of each line whether it may be written; safe to ask from any thread."""

    def __init__(
        self,
        lines_per_s: int = LINES_PER_S,
        summary_interval_s: float = SUMMARY_INTERVAL_S,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock_s`` gives monotonic seconds."""
        self._lines_per_s = lines_per_s
        self._summary_interval_s = summary_interval_s
        self._clock_s = clock_s
        self._windows: dict[str, _Window] = {}
        self._summary_due_s: float | None = None
        self._lock = threading.Lock()

    def admit(self, name: str) -> bool:
        """Count one line; False if it is one too many in this second."""
        now_s = self._clock_s()
        with self._lock:
            if name not in self._windows and len(self._windows) >= NAMES_MAX:
                name = OTHERS
            window = self._windows.setdefault(name, _Window(now_s))
            if now_s - window.since_s >= 1.0:
                window.since_s, window.lines = now_s, 0
            if window.lines < self._lines_per_s:
                window.lines += 1
                return True
            window.suppressed += 1
            if self._summary_due_s is None:
                self._summary_due_s = now_s + self._summary_interval_s
            return False

    def take_suppressed(self, *, early: bool = False) -> dict[str, int]:
        """Give the lines suppressed by name and begin anew, once a summary is due; `early` doesn't wait."""
        with self._lock:
            due_s = self._summary_due_s
            if due_s is None or (self._clock_s() < due_s and not early):
                return {}
            self._summary_due_s = None
            taken = {name: window.suppressed for name, window in self._windows.items() if window.suppressed}
            for name in taken:
                self._windows[name].suppressed = 0
            return taken
