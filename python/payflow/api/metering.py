"""What the API counts of itself: cheap to add to, read when somebody asks for metrics."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from payflow.telemetry.buckets import Buckets
from payflow.telemetry.metrics import gauge, gauges, histogram, histograms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from payflow.api.services import Services
    from payflow.telemetry.loop_watch import LoopWatch

CALL_BOUNDS_S: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0),
)


class Meter:
    """Counts calls by operation and status, and how long they take."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, int]] = Counter()
        self.durations: dict[str, Buckets] = {}
        self.under_way = 0

    def begin(self) -> None:
        """Count a call that has come."""
        self.under_way += 1

    def end(self, operation: str, status: int, duration_s: float) -> None:
        """Count a call that has been answered."""
        self.under_way -= 1
        self.calls[operation, status] += 1
        durations = self.durations.get(operation)
        if durations is None:
            durations = self.durations[operation] = Buckets(CALL_BOUNDS_S)
        durations.observe(duration_s)


class _Collector(Collector):
    """Makes metrics of what is counted elsewhere."""

    def __init__(self, services: Services, loop: LoopWatch) -> None:
        self._services = services
        self._loop = loop

    def collect(self) -> Iterator[Metric]:
        """Give all families."""
        services, meter = self._services, self._services.meter
        calls = CounterMetricFamily("payflow_api_calls_total", "Calls.", labels=["operation", "status"])
        for (operation, status), count in dict(meter.calls).items():
            calls.add_metric([operation, str(status)], count)
        yield calls
        yield histograms(
            "payflow_api_call_duration_seconds",
            "How long calls take.",
            "operation",
            [(operation, durations.read()) for operation, durations in dict(meter.durations).items()],
        )
        yield gauge("payflow_api_calls_under_way", "Calls that are being answered.", meter.under_way)
        yield histogram(
            "payflow_api_event_loop_lag_seconds", "How late the event loop is.", self._loop.lags.read()
        )
        connections = [("postgres", *services.database.connections)]
        if services.replica is not None:
            connections.append(("replica", *services.replica.database.connections))
        yield gauges(
            "payflow_api_database_connections",
            "Connections to a database, by what they do.",
            ("database", "state"),
            [
                ((name, state), value)
                for name, opened, idle in connections
                for state, value in (("idle", idle), ("busy", opened - idle))
            ],
        )
        yield gauges(
            "payflow_api_dependency_up",
            "Whether a server answers: 1, or 0 while its breaker is open.",
            ("dependency",),
            [((name,), float(found.state == "closed")) for name, found in services.breakers.states().items()],
        )


def registry_of(services: Services, loop: LoopWatch) -> CollectorRegistry:
    """Make the registry of one process."""
    registry = CollectorRegistry()
    registry.register(_Collector(services, loop))
    return registry
