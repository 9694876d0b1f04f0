"""How long each stage takes: of a delivery where it waits, of a batch where it is worked on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from payflow import _native
from payflow.telemetry.buckets import DURATION_BOUNDS_S, Buckets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Stage: TypeAlias = Literal["decode", "check", "apply", "commit", "mark", "ack"]
Attempt: TypeAlias = Literal["first", "again"]

STAGES: Final[tuple[Stage, ...]] = ("decode", "check", "apply", "commit", "mark", "ack")
ATTEMPTS: Final[tuple[Attempt, ...]] = ("first", "again")


class Laps:
    """Measures stages that follow one another: each ends where the next begins."""

    __slots__ = ("_clock_s", "_since_s", "_stages")

    def __init__(self, stages: dict[Stage, Buckets], clock_s: Callable[[], float]) -> None:
        self._stages = stages
        self._clock_s = clock_s
        self._since_s = clock_s()

    def end(self, stage: Stage) -> None:
        """Count the time since the last lap for `stage`. One that fails is not counted: its failure is."""
        now_s = self._clock_s()
        self._stages[stage].observe(now_s - self._since_s)
        self._since_s = now_s


class StageTimes:
    """Durations of the stages that work on a batch."""

    def __init__(self, clock_s: Callable[[], float] = time.perf_counter) -> None:
        """``clock_s`` gives monotonic seconds."""
        self._clock_s = clock_s
        self.by_stage: dict[Stage, Buckets] = {stage: Buckets(DURATION_BOUNDS_S) for stage in STAGES}

    def laps(self) -> Laps:
        """Start a clock for one batch; batches run side by side, so each has its own."""
        return Laps(self.by_stage, self._clock_s)


class AttemptLags:
    """Lags of deliveries, those that come for the first time apart from those that come again.

    A redelivery has waited for its retry or for its visibility timeout, which says nothing of the queue.
    """

    def __init__(self) -> None:
        self.by_attempt: dict[Attempt, _native.LagHistogram] = {
            attempt: _native.LagHistogram() for attempt in ATTEMPTS
        }

    def record_between(
        self, starts_ms: Sequence[int], ends_ms: Sequence[int], receive_counts: Sequence[int]
    ) -> None:
        """Record one lag a delivery, from its start to its end in Unix milliseconds."""
        for lags, chosen in self._split(receive_counts):
            lags.record_between_ms(_of(starts_ms, chosen), _of(ends_ms, chosen))

    def record_since(self, starts_ms: Sequence[int], now_ms: float, receive_counts: Sequence[int]) -> None:
        """Record one lag a delivery, from its start to `now_ms`, both in Unix milliseconds."""
        for lags, chosen in self._split(receive_counts):
            lags.record_since_ms(_of(starts_ms, chosen), now_ms)

    def _split(
        self, receive_counts: Sequence[int]
    ) -> Sequence[tuple[_native.LagHistogram, Sequence[int] | None]]:
        """Tell which deliveries belong where; None for all of them, which spares a quiet day the work."""
        if max(receive_counts, default=1) <= 1:
            return [(self.by_attempt["first"], None)]
        again = [i for i, count in enumerate(receive_counts) if count > 1]
        first = [i for i, count in enumerate(receive_counts) if count <= 1]
        return [(self.by_attempt["first"], first), (self.by_attempt["again"], again)]


def _of(column: Sequence[int], chosen: Sequence[int] | None) -> Sequence[int]:
    return column if chosen is None else [column[i] for i in chosen]
