"""What a worker counts while it works: cheap to add to, read once a second."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from payflow import _native
from payflow.telemetry.buckets import ATTEMPT_BOUNDS, SIZE_BOUNDS, Buckets
from payflow.telemetry.stages import AttemptLags, Laps, StageTimes
from payflow.telemetry.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class Figures:
    """Counters since the start, and the lag since it was last read.

    Everything here is written by the event loop, once a batch, and may be read from any thread.
    """

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.rejudged: Counter[str] = Counter()
        self.alerts: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.batches = 0
        self.splits = 0
        self.races = 0
        self.last_committed_at_ms: float | None = None
        """Unix time of the newest commit, in milliseconds."""
        self.lag_total = _native.LagHistogram()
        self._lag_recent = _native.LagHistogram()
        self.in_queue = AttemptLags()
        """From sent to received."""
        self.in_buffer = _native.LagHistogram()
        """From received to taken by a lane."""
        self.sent_to_committed = AttemptLags()
        self.stage_times = StageTimes()
        self.batch_events = Buckets(SIZE_BOUNDS)
        self.failed_attempts = Buckets(ATTEMPT_BOUNDS)
        """Which attempt of its message each failure was."""
        self.deferred: Counter[str] = Counter()
        """Messages that wait in the database, by cause."""
        self.waits = Waits()
        """Messages that wait in the queue for their next attempt."""

    def laps(self) -> Laps:
        """Start the clock of one batch; each `end` of a stage counts the time since the one before."""
        return self.stage_times.laps()

    def taken(
        self,
        sent_at_ms: Sequence[int],
        received_at_ms: Sequence[int],
        receive_counts: Sequence[int],
        now_ms: float,
    ) -> None:
        """Record how long the deliveries of a batch waited, now that a lane has taken it."""
        self.batch_events.observe(len(sent_at_ms))
        self.in_queue.record_between(sent_at_ms, received_at_ms, receive_counts)
        self.in_buffer.record_since_ms(received_at_ms, now_ms)

    def batch_decided(
        self,
        verdicts: Mapping[str, int],
        rejudged: Mapping[str, int],
        alerts: Mapping[str, int],
        malformed: int,
    ) -> None:
        """Count one committed batch."""
        self.batches += 1
        for name, count in verdicts.items():
            self.verdicts[name] += count
        self.verdicts["malformed"] += malformed
        self.rejudged.update(rejudged)
        self.alerts.update(alerts)

    def committed(self, sent_at_ms: Sequence[int], receive_counts: Sequence[int], now_ms: float) -> None:
        """Record the lag from sent to committed for deliveries that were committed at `now_ms`."""
        self.last_committed_at_ms = now_ms
        self.lag_total.record_since_ms(sent_at_ms, now_ms)
        self._lag_recent.record_since_ms(sent_at_ms, now_ms)
        self.sent_to_committed.record_since(sent_at_ms, now_ms, receive_counts)

    def failed(self, kind: str, deliveries: int) -> None:
        """Count deliveries that have to come again."""
        self.failures[kind] += deliveries

    @property
    def decided(self) -> int:
        """Deliveries decided since the start."""
        return sum(self.verdicts.values())

    def lag_ms(self) -> dict[str, float]:
        """Return the lag percentiles since the last call, and begin anew."""
        values = self._lag_recent.quantiles_ms(list(QUANTILES.values()))
        self._lag_recent.clear()
        return dict(zip(QUANTILES, values, strict=True))

    def snapshot(self) -> dict[str, Any]:
        """Return all counters as plain data."""
        return {
            "decided": self.decided,
            "verdicts": dict(self.verdicts),
            "rejudged": dict(self.rejudged),
            "alerts": dict(self.alerts),
            "failures": dict(self.failures),
            "deferred": dict(self.deferred),
            "batches": self.batches,
            "splits": self.splits,
            "races": self.races,
            "last_committed_at_ms": self.last_committed_at_ms,
            "lag_total_ms": dict(
                zip(QUANTILES, self.lag_total.quantiles_ms(list(QUANTILES.values())), strict=True)
            ),
        }
