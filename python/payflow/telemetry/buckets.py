"""A histogram with bounds of its own, for what happens once a batch; lags of deliveries are kept in Rust."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow import _native

DURATION_BOUNDS_S: Final = (
    *(0.00005, 0.0001, 0.00025, 0.0005),  # half of the work on a small batch is under a millisecond
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0),
)
LAG_BOUNDS_S: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0, 86_400.0),
)
MARGIN_BOUNDS_S: Final = (0.0, 0.25, 0.5, 1.0, 2.5, 5.0, 7.5, 10.0, 12.5, 14.0, 15.0, 30.0, 300.0)
ATTEMPT_BOUNDS: Final = (1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 12.0, 14.0, 15.0, 20.0, 50.0)
SIZE_BOUNDS: Final = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0)


class Distribution(NamedTuple):
    """What a histogram holds at one moment."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    """How many values are at most each bound; one more at the end counts all of them."""
    sum: float


class Buckets:
    """Counts values between fixed bounds."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        """``bounds`` ascend; what is greater than the last is counted too."""
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def read(self) -> Distribution:
        """Return what was counted so far."""
        return Distribution(self._bounds, tuple(accumulate(self._counts)), self._sum)


def read_lags(lags: _native.LagHistogram) -> Distribution:
    """Return lags in seconds, counted between ``LAG_BOUNDS_S``."""
    counts = lags.counts_up_to_ms([bound_s * 1_000 for bound_s in LAG_BOUNDS_S])
    return Distribution(LAG_BOUNDS_S, (*counts, len(lags)), lags.sum_ms() / 1_000)
