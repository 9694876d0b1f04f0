"""Rates over time, from a count that only grows."""

from __future__ import annotations

import itertools
import statistics
from bisect import bisect_right


class Rates:
    """Remembers a count at many moments, and tells how fast it grew."""

    def __init__(self) -> None:
        self._at_s: list[float] = []
        self._counts: list[int] = []

    def note(self, at_s: float, count: int) -> None:
        """Remember the count at one moment, later than all before."""
        self._at_s.append(at_s)
        self._counts.append(count)

    def by_second(self) -> list[int]:
        """Give the growth in each whole second since the first moment."""
        if not self._at_s:
            return []
        seconds = int(self._at_s[-1] - self._at_s[0])
        marks = [self._count_at(self._at_s[0] + second) for second in range(seconds + 1)]
        return [round(after - before) for before, after in itertools.pairwise(marks)]

    def median(self) -> float:
        """Give the median of the whole seconds but the first and the last; the mean where none is left."""
        inner = self.by_second()[1:-1]
        if inner:
            return float(statistics.median(inner))
        if not self._at_s or self._at_s[-1] == self._at_s[0]:
            return 0.0
        return (self._counts[-1] - self._counts[0]) / (self._at_s[-1] - self._at_s[0])

    def reached(self, rate: float) -> float | None:
        """Give the seconds from the first moment to the first second at that rate; None if there is none."""
        if not self._at_s:
            return None
        for at_s in self._at_s:
            if at_s + 1 > self._at_s[-1]:
                return None
            if self._count_at(at_s + 1) - self._count_at(at_s) >= rate:
                return at_s - self._at_s[0]
        return None

    def _count_at(self, at_s: float) -> float:
        """Give the count at a moment, on the line between its neighbours."""
        place = bisect_right(self._at_s, at_s)
        if place == 0:
            return self._counts[0]
        if place == len(self._at_s):
            return self._counts[-1]
        before_s, after_s = self._at_s[place - 1], self._at_s[place]
        share = (at_s - before_s) / (after_s - before_s)
        return self._counts[place - 1] + share * (self._counts[place] - self._counts[place - 1])
