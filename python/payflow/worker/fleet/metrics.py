"""The member's metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payflow.telemetry.metrics import counter, counters, gauge, gauges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from payflow.worker.fleet.membership import FleetFigures

STATES: Final = "starting", "running", "pausing", "paused", "draining", "drained", "stopping", "stopped"


def fleet_metrics(figures: FleetFigures) -> Iterator[Metric]:
    """Give what the worker obeys, and what that costs."""
    limits = figures.limits
    yield gauges(
        "payflow_fleet_state",
        "1 for what the worker does as it is ordered, 0 for the rest.",
        ("state",),
        [((state,), state == figures.state) for state in STATES],
    )
    yield gauge("payflow_fleet_revision", "The newest order that it obeys.", figures.duty.revision)
    yield gauge("payflow_fleet_workers_live", "Live workers, as far as it knows.", figures.duty.workers_live)
    yield gauge(
        "payflow_fleet_rate_limit", "Deliveries a second that the fleet may receive.", limits.rate_per_s
    )
    yield gauges(
        "payflow_fleet_merchant_rate_limit",
        "Events a second of a merchant that the fleet may apply.",
        ("merchant_id",),
        [((merchant,), rate) for merchant, rate in limits.merchants.items()],
    )
    yield gauge("payflow_fleet_concurrency_max", "Lanes that may process at once.", figures.concurrency_max)
    yield gauge("payflow_fleet_batch_size_max", "Deliveries that close a batch.", figures.batch_size_max)
    yield counters(
        "payflow_fleet_granted_total",
        "Deliveries and events that a limit let through, by who gave them out.",
        "by",
        dict(figures.granted),
    )
    yield counter(
        "payflow_fleet_bucket_failures_total",
        "Calls for the fleet's rates that Redis did not answer.",
        figures.bucket_failures,
    )
    yield counter(
        "payflow_fleet_throttled_seconds_total",
        "Time in which it would have received more.",
        figures.throttled_s,
    )
    yield gauge("payflow_fleet_merchant_held", "Events that wait for their merchant's turn.", figures.held)
    yield counter("payflow_fleet_merchant_waited_total", "Events that waited for it.", figures.waited)
    yield counter(
        "payflow_fleet_merchant_returned_total",
        "Events that waited for too long and went back to the queue.",
        figures.returned,
    )
    yield counters(
        "payflow_fleet_announce_failures_total",
        "Heartbeats that a store did not take.",
        "store",
        dict(figures.announce_failures),
    )
    yield counters(
        "payflow_fleet_order_failures_total",
        "Looks for orders that failed.",
        "store",
        {"postgres": figures.read_failures, "redis": figures.listen_failures},
    )
