"""The metrics of one worker: read from its counters when somebody asks, at no cost to the events between.

docs/metrics.md explains each one and what to do about it; a test holds the two against each other.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.registry import Collector

from payflow.breakers import State
from payflow.rules import Severity
from payflow.telemetry.buckets import read_lags
from payflow.telemetry.metrics import counter, counters, gauge, gauges, histogram, histograms
from payflow.worker.fleet.metrics import fleet_metrics
from payflow.worker.upkeep_metrics import upkeep_metrics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client.core import Metric

    from payflow import _native
    from payflow.breakers import BreakerState
    from payflow.idempotency import SeenStats
    from payflow.intake import IntakeStats
    from payflow.intake.contract import IntakeTimings
    from payflow.telemetry.figures import Figures
    from payflow.worker.observed import Observed

VERDICTS: Final = ("apply", "duplicate", "stale", "premature", "conflict", "impossible", "malformed")
FAILURES: Final = ("store_unavailable", "store_refused", "store_stalled", "unexpected")


def registry_of(observed: Observed) -> CollectorRegistry:
    """Make a registry of its own for one worker; the process-wide default one stays empty."""
    registry = CollectorRegistry()
    registry.register(WorkerMetrics(observed))
    ProcessCollector(registry=registry)
    return registry


class WorkerMetrics(Collector):
    """Turns counters into families of metrics, each time that they are asked for."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed
        self._version = version("payflow")

    def collect(self) -> Iterator[Metric]:
        """Give all families but those of the process."""
        observed = self._observed
        stats = observed.intake()
        yield gauges(
            "payflow_build_info", "The version that runs; always 1.", ("version",), [((self._version,), 1)]
        )
        yield from _decisions(observed.figures)
        yield from _batches(observed.figures)
        yield from _lags(observed.figures)
        yield from _timings(observed.timings())
        yield from _deliveries(stats)
        yield from _sqs(stats)
        yield from upkeep_metrics(observed)
        yield from _marks(observed.seen())
        yield from _rules(observed.rules())
        yield from _breakers(observed.breakers())
        yield gauge(
            "payflow_receiving", "1 while nothing keeps it from receiving.", not observed.paused_for()
        )
        yield from fleet_metrics(observed.fleet())
        yield gauge("payflow_pool_connections", "Connections to PostgreSQL.", observed.pool_size())
        yield gauge("payflow_pool_idle_connections", "Those of them that are idle.", observed.pool_idle())
        yield histogram(
            "payflow_event_loop_lag_seconds",
            "How late the event loop wakes, sampled ten times a second.",
            observed.loop.lags.read(),
        )


def _decisions(figures: Figures) -> Iterator[Metric]:
    yield counters("payflow_decided_total", "Deliveries decided.", "verdict", figures.verdicts, VERDICTS)
    yield counters("payflow_rejudged_total", "Parked facts judged again.", "verdict", figures.rejudged)
    yield counters("payflow_alerts_total", "Alerts raised.", "severity", figures.alerts, Severity)
    yield counters(
        "payflow_failed_total", "Deliveries that could not be decided.", "kind", figures.failures, FAILURES
    )
    yield histogram(
        "payflow_failed_attempts",
        "Which attempt of its message each failure was.",
        figures.failed_attempts.read(),
    )


def _batches(figures: Figures) -> Iterator[Metric]:
    last_ms = figures.last_committed_at_ms
    yield counter("payflow_batches_total", "Batches committed.", figures.batches)
    yield counter("payflow_batch_splits_total", "Batches halved; the store refused them.", figures.splits)
    yield counter("payflow_batch_races_total", "Batches run again; others were first.", figures.races)
    yield histogram("payflow_batch_deliveries", "Deliveries in a batch.", figures.batch_events.read())
    yield gauge(
        "payflow_last_commit_timestamp_seconds",
        "Unix time of the newest commit.",
        None if last_ms is None else last_ms / 1_000,
    )


def _lags(figures: Figures) -> Iterator[Metric]:
    yield histograms(
        "payflow_queue_lag_seconds",
        "From sent to received, of each delivery.",
        "delivery",
        [(attempt, read_lags(lags)) for attempt, lags in figures.in_queue.by_attempt.items()],
    )
    yield histogram(
        "payflow_buffer_lag_seconds",
        "From received to taken by a lane, of each delivery.",
        read_lags(figures.in_buffer),
    )
    yield histograms(
        "payflow_stage_duration_seconds",
        "What a stage took, of each batch.",
        "stage",
        [(stage, durations.read()) for stage, durations in figures.stage_times.by_stage.items()],
    )
    yield histograms(
        "payflow_commit_lag_seconds",
        "From sent to committed, of each delivery.",
        "delivery",
        [(attempt, read_lags(lags)) for attempt, lags in figures.sent_to_committed.by_attempt.items()],
    )


def _timings(timings: IntakeTimings) -> Iterator[Metric]:
    yield histograms(
        "payflow_acknowledge_lag_seconds",
        "From decided to deleted by SQS, of each delivery.",
        "delivery",
        timings.acknowledge.items(),
    )
    yield histogram(
        "payflow_extension_margin_seconds",
        "What was left of the visibility timeout, at each extension.",
        timings.extension_margin,
    )


def _deliveries(stats: IntakeStats) -> Iterator[Metric]:
    yield counter("payflow_received_total", "Deliveries received.", stats.received)
    yield counter("payflow_deleted_total", "Deliveries that SQS has deleted.", stats.deleted)
    yield counter("payflow_retried_total", "Deliveries made visible after a delay.", stats.retried)
    yield counter("payflow_released_total", "Deliveries given back undecided.", stats.released)
    yield counter("payflow_dead_lettered_total", "Deliveries sent to the dead letters.", stats.dead_lettered)
    yield counter("payflow_expired_total", "Deliveries that are no longer extended.", stats.expired)
    yield counter("payflow_abandoned_total", "Decisions that SQS would not take.", stats.abandoned)
    yield gauge("payflow_in_hand", "Deliveries received and not settled yet.", stats.in_flight)
    yield gauge("payflow_buffered", "Those of them that wait for a lane.", stats.buffered)


def _sqs(stats: IntakeStats) -> Iterator[Metric]:
    calls = {"receive": stats.receive_calls, "delete": stats.delete_calls, "other": stats.other_calls}
    margin_ms = stats.extension_margin_min_ms
    yield counters("payflow_sqs_calls_total", "Calls to SQS.", "action", calls)
    yield counters("payflow_sqs_errors_total", "Failed calls to SQS.", "kind", stats.errors)
    yield counter(
        "payflow_sqs_clients_rebuilt_total", "Clients replaced since a call hung.", stats.clients_rebuilt
    )
    yield gauge("payflow_polls_active", "Receives under way.", stats.polls_active)
    yield counter("payflow_delete_failures_total", "Deletes that failed, each try.", stats.delete_failures)
    yield counter(
        "payflow_dead_letter_failures_total", "Dead letters that failed.", stats.dead_letter_failures
    )
    yield counter("payflow_extensions_total", "Extensions of visibility.", stats.extended)
    yield counter(
        "payflow_extension_failures_total",
        "Extensions of visibility that failed, each try.",
        stats.extension_failures,
    )
    yield gauge(
        "payflow_extension_margin_min_seconds",
        "The least time that was left when an extension succeeded, since the start.",
        None if margin_ms is None else margin_ms / 1_000,
    )


def _marks(stats: SeenStats) -> Iterator[Metric]:
    yield counter("payflow_marks_checked_total", "Events looked for in Redis.", stats.checked)
    yield counter("payflow_marks_seen_total", "Events that Redis knew as done.", stats.seen)
    yield counter("payflow_marks_written_total", "Events marked as done.", stats.marked)
    yield counter("payflow_redis_calls_held_off_total", "Calls spared to Redis.", stats.held_off_calls)
    yield counters("payflow_redis_failures_total", "Failed calls to Redis.", "kind", stats.failures)


def _rules(rules: _native.RuleSet) -> Iterator[Metric]:
    yield gauge("payflow_rules_in_force", "Rules in force.", len(rules))
    yield counters(
        "payflow_rule_errors_total",
        "Evaluations of a rule that failed, since it is in force.",
        "rule",
        rules.evaluation_errors(),
    )


def _breakers(breakers: Mapping[str, BreakerState]) -> Iterator[Metric]:
    yield gauges(
        "payflow_breaker_state",
        "1 for the state that a dependency's breaker is in, 0 for the others.",
        ("dependency", "state"),
        [((name, state), found.state == state) for name, found in breakers.items() for state in State],
    )
    yield counters(
        "payflow_breaker_opened_total",
        "Times that a dependency went away.",
        "dependency",
        {name: found.opened_total for name, found in breakers.items()},
    )
