"""How much of what SQS lets a queue have in flight is used, and when it runs out if it goes on like that.

A standard queue has 120,000 messages in flight at most; beyond that nobody receives anything. SQS tells for
the whole queue how many there are, approximately and with some delay. Between two answers the figure is
carried on by what this worker itself has taken and let go; without an answer, what it has itself is all that
is known.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

__all__ = ["BudgetOptions", "BudgetState", "InFlightBudget", "Level", "trend_of"]

TREND_WINDOW_S: Final = 300.0
"""Readings that are older say nothing of how it goes on."""
READINGS_MIN: Final = 4
READINGS_MAX: Final = 600
FORECAST_MAX_S: Final = 86_400.0
"""Nobody acts on what is farther away than this."""
NEARLY_SPENT_SHARE: Final = 0.9
SOON_S: Final = 600.0
"""What runs out sooner than this is told of, once a quarter of the budget is used."""
SOON_FROM_SHARE: Final = 0.25


class Level(StrEnum):
    """How bad it is."""

    AMPLE = "ample"
    """Nothing to do."""
    BEYOND_SHARE = "beyond_share"
    """Long waits are spent in the database."""
    RUNNING_OUT = "running_out"
    """Most of it is used, or will be soon."""


@dataclass(frozen=True, kw_only=True)
class BudgetOptions:
    """What there is, and when a reading counts for nothing."""

    limit: int = 120_000
    share: float = 0.5
    stale_after_s: float = 60.0


@dataclass(frozen=True, kw_only=True)
class BudgetState:
    """The budget at one moment."""

    used: int
    """Messages in flight, as far as is known."""
    limit: int
    share: float
    in_queue: int | None
    """What SQS last said of the queue; None when it has not answered for too long."""
    in_hand: int
    """Part of `used`: received by this worker and not settled."""
    waiting: int
    """Part of `used`: put off by this worker, to be tried again later."""
    trend_per_s: float | None
    exhausted_in_s: float | None
    """Seconds until nothing is left if it goes on like that; None while it does not run out."""
    read_at: datetime | None
    """When SQS last answered."""
    level: Level


class InFlightBudget:
    """Counts one queue's messages in flight. Fed by the event loop, read from any thread.

    Args:
        options: the budget.
        own: gives what this worker has in hand, and what it has put off.
        clock_s: monotonic seconds.
        utc_now: the time that readings are stamped with.
        redriven_at: what is believed of the queue's redrive policy until SQS has told.

    """

    def __init__(
        self,
        options: BudgetOptions,
        own: Callable[[], tuple[int, int]],
        clock_s: Callable[[], float],
        utc_now: Callable[[], datetime],
        redriven_at: int | None = None,
    ) -> None:
        self._options = options
        self._own = own
        self._clock_s = clock_s
        self._utc_now = utc_now
        self._readings: deque[tuple[float, float]] = deque(maxlen=READINGS_MAX)
        self._last: _Reading | None = None
        self.readings_failed = 0
        """How often SQS did not tell."""
        self.redriven_at = redriven_at
        """After how many receives SQS itself dead-letters a message; None where it never does."""

    def read(self, in_flight: int, redriven_at: int | None) -> None:
        """Take what SQS says of the queue."""
        now_s = self._clock_s()
        while self._readings and now_s - self._readings[0][0] > TREND_WINDOW_S:
            self._readings.popleft()
        self._readings.append((now_s, float(in_flight)))
        self.redriven_at = redriven_at
        self._last = _Reading(
            at_s=now_s,
            at=self._utc_now(),
            in_flight=in_flight,
            own=sum(self._own()),
            trend_per_s=trend_of(self._readings),
        )

    def not_read(self) -> None:
        """Note that SQS did not tell."""
        self.readings_failed += 1

    @property
    def beyond_share(self) -> bool:
        """Whether more is used than the share that waiting may have."""
        state = self.state()
        return state.used >= state.limit * state.share

    def state(self) -> BudgetState:
        """Give the budget as it is now."""
        options, last = self._options, self._last
        in_hand, waiting = self._own()
        own = in_hand + waiting
        stale = last is not None and self._clock_s() - last.at_s > options.stale_after_s
        fresh = None if stale else last
        used = own if fresh is None else max(own, fresh.in_flight + own - fresh.own)
        trend_per_s = None if fresh is None else fresh.trend_per_s
        exhausted_in_s = _exhausted_in_s(options.limit - used, trend_per_s)
        return BudgetState(
            used=used,
            limit=options.limit,
            share=options.share,
            in_queue=None if fresh is None else fresh.in_flight,
            in_hand=in_hand,
            waiting=waiting,
            trend_per_s=trend_per_s,
            exhausted_in_s=exhausted_in_s,
            read_at=None if last is None else last.at,
            level=_level(used, options, exhausted_in_s),
        )


@dataclass(frozen=True)
class _Reading:
    at_s: float
    at: datetime
    in_flight: int
    own: int
    trend_per_s: float | None


def trend_of(readings: Sequence[tuple[float, float]]) -> float | None:
    """Fit a line through (second, messages) by least squares; give its slope, None for too few readings."""
    if len(readings) < READINGS_MIN:
        return None
    mean_s = sum(at_s for at_s, _ in readings) / len(readings)
    mean = sum(value for _, value in readings) / len(readings)
    spread = sum((at_s - mean_s) ** 2 for at_s, _ in readings)
    if spread <= 0:
        return None
    return sum((at_s - mean_s) * (value - mean) for at_s, value in readings) / spread


def _exhausted_in_s(left: int, trend_per_s: float | None) -> float | None:
    if left <= 0:
        return 0.0
    if trend_per_s is None or trend_per_s <= 0:
        return None
    exhausted_in_s = left / trend_per_s
    return exhausted_in_s if exhausted_in_s <= FORECAST_MAX_S else None


def _level(used: int, options: BudgetOptions, exhausted_in_s: float | None) -> Level:
    soon = exhausted_in_s is not None and exhausted_in_s < SOON_S and used >= SOON_FROM_SHARE * options.limit
    if used >= NEARLY_SPENT_SHARE * options.limit or soon:
        return Level.RUNNING_OUT
    return Level.BEYOND_SHARE if used >= options.limit * options.share else Level.AMPLE
