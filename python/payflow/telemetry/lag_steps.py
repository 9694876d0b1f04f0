"""Lags of many workers over time: what each has counted since the last look, and percentiles of the sum."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from payflow.telemetry.buckets import LAG_BOUNDS_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["BUCKETS", "LagSteps", "percentile_ms"]

BUCKETS: Final = len(LAG_BOUNDS_S) + 1
"""One up to each bound, and one above the last."""


class LagSteps:
    """Takes what workers have counted since their start, and gives what is new."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[int, ...]] = {}
        self._begun = False

    def step(self, counted: Mapping[str, Sequence[int]]) -> list[int] | None:
        """Give the deliveries since the last step by their lag, of all workers together; None without any.

        What workers have counted before the first step is not new to anybody: it is left out.

        Args:
            counted: by worker, how many lags are at most each bound, and all.

        """
        new = [0] * BUCKETS
        for worker_id, sums in counted.items():
            if len(sums) != BUCKETS:
                continue  # of another release
            now = (sums[0], *(right - left for left, right in pairwise(sums)))
            before = self._before.get(worker_id, (0,) * BUCKETS if self._begun else now)
            self._before[worker_id] = now
            for place, (was, has) in enumerate(zip(before, now, strict=True)):
                new[place] += max(has - was, 0)
        self._before = {name: sums for name, sums in self._before.items() if name in counted}
        self._begun = True
        return new if any(new) else None


def percentile_ms(counts: Sequence[int], share: float) -> float | None:
    """Give the lag that this share of the deliveries does not exceed; None where there are none.

    Inside a bucket lags are taken to be spread evenly; above the last bound the bound itself is given.
    """
    total = sum(counts)
    if total == 0:
        return None
    wanted, below = share * total, 0
    for (lower_s, upper_s), count in zip(_edges(), counts, strict=False):
        if count and below + count >= wanted:
            return round((lower_s + (upper_s - lower_s) * (wanted - below) / count) * 1_000, 3)
        below += count
    return LAG_BOUNDS_S[-1] * 1_000


def _edges() -> Iterable[tuple[float, float]]:
    return pairwise((0.0, *LAG_BOUNDS_S))
