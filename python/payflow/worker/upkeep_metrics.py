"""The metrics of what a worker looks after beside its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payflow.pipeline.deferral import CAUSES
from payflow.telemetry.metrics import counter, counters, gauge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from payflow.intake.budget import InFlightBudget
    from payflow.worker.observed import Observed
    from payflow.worker.returning import ReturnFigures
    from payflow.worker.sweep_figures import SweepFigures

SWEEP_FAILURES: Final = ("away", "fault")


def upkeep_metrics(observed: Observed) -> Iterator[Metric]:
    """Give the families of the budget, of messages that wait, and of the sweeper."""
    yield from _budget(observed.budget)
    figures = observed.figures
    yield gauge(
        "payflow_waiting", "Deliveries that wait in the queue for another try.", figures.waits.waiting
    )
    yield counters(
        "payflow_deferred_total",
        "Messages that went to wait in the database.",
        "cause",
        figures.deferred,
        CAUSES,
    )
    yield from _returns(observed.returns)
    yield from _sweeps(observed.sweeps)


def _budget(budget: InFlightBudget) -> Iterator[Metric]:
    state = budget.state()
    yield gauge("payflow_in_flight_budget_used", "Messages of the queue that are in flight.", state.used)
    yield gauge("payflow_in_flight_budget_limit", "Messages that may be in flight.", state.limit)
    yield gauge(
        "payflow_in_flight_budget_share", "Part of them beyond which long waits leave the queue.", state.share
    )
    yield gauge(
        "payflow_in_flight_budget_exhausted_in_seconds",
        "When nothing is left of the budget, if it goes on like that.",
        state.exhausted_in_s,
    )
    yield counter(
        "payflow_in_flight_budget_reading_failures_total",
        "Times that SQS did not say how much is in flight.",
        budget.readings_failed,
    )


def _returns(returns: ReturnFigures) -> Iterator[Metric]:
    yield counter(
        "payflow_deferred_returned_total",
        "Messages sent back from the database to the queue.",
        returns.returned,
    )
    yield counter(
        "payflow_deferred_return_failures_total",
        "Messages that could not be sent back, each try.",
        returns.failures,
    )
    yield gauge("payflow_deferred_waiting", "Messages that wait in the database.", returns.waiting)
    yield gauge("payflow_deferred_overdue", "Those of them whose wait is over.", returns.overdue)


def _sweeps(sweeps: SweepFigures) -> Iterator[Metric]:
    yield counter("payflow_sweeper_passes_total", "Passes of the sweeper.", sweeps.passes)
    yield counters(
        "payflow_sweeper_failures_total", "Passes that ended early.", "kind", sweeps.failures, SWEEP_FAILURES
    )
    yield counters("payflow_sweeper_freed_total", "Parked facts judged again late.", "verdict", sweeps.freed)
    yield counter("payflow_sweeper_orphaned_total", "Parked facts given up.", sweeps.orphaned)
    yield counter(
        "payflow_sweeper_taken_in_total",
        "Messages that SQS dead-lettered and that were listed.",
        sweeps.taken_in,
    )
    yield gauge("payflow_sweeper_overdue_facts", "Parked facts that have waited for long.", sweeps.overdue)
    yield gauge(
        "payflow_sweeper_last_pass_timestamp_seconds",
        "Unix time of the newest pass.",
        None if sweeps.last_pass_at is None else sweeps.last_pass_at.timestamp(),
    )
