"""The figures of one second."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from payflow.api.stream.shapes import MetricsTick
from payflow.telemetry.buckets import LAG_BOUNDS_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from payflow.api.services import Services
    from payflow.ledger.pool import Connection

_FIGURES: Final = (files("payflow.api.stream") / "sql" / "figures.sql").read_text()
LAGS_OVER: Final = timedelta(seconds=30)
"""Lags come in steps of 10 s, from each worker when its step is over."""
_REFUSED: Final = frozenset({"malformed", "conflict", "impossible", "orphaned"})


class Ticks:
    """Collects deliveries by verdict, and makes a tick of them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._verdicts: Counter[str] = Counter()
        self._since_s: float | None = None

    def count(self, verdicts: Mapping[str, int]) -> None:
        """Add deliveries."""
        self._verdicts.update(verdicts)

    async def tick(self, connection: Connection, now_s: float) -> MetricsTick:
        """Give what was counted since the last tick, with what else is known at this moment."""
        services, now = self._services, self._services.clock()
        row = await connection.fetchrow(_FIGURES, now - LAGS_OVER)
        fleet = await services.fleet.read(connection)
        queue = await services.queue.numbers_if_any()
        return self._made(now, now_s, row, len(fleet.live), queue)

    def _made(self, now: datetime, now_s: float, row: Any, workers: int, queue: Any) -> MetricsTick:
        took_s = 1.0 if self._since_s is None else max(now_s - self._since_s, 0.001)
        verdicts, self._verdicts, self._since_s = self._verdicts, Counter(), now_s
        lags = row["lags"] or ()

        def rate(names: frozenset[str] | None = None) -> float:
            chosen = verdicts if names is None else {name: verdicts[name] for name in names}
            return round(sum(chosen.values()) / took_s, 1)

        return MetricsTick(
            at=now,
            received_per_s=rate(),
            applied_per_s=rate(frozenset({"apply"})),
            duplicates_per_s=rate(frozenset({"duplicate"})),
            refused_per_s=rate(_REFUSED),
            lag_p50_ms=quantile_ms(lags, 0.5),
            lag_p95_ms=quantile_ms(lags, 0.95),
            lag_p99_ms=quantile_ms(lags, 0.99),
            backlog_visible=None if queue is None else queue.visible,
            in_flight=None if queue is None else queue.in_flight,
            alerts_open=row["alerts_open"],
            workers_alive=workers,
        )


def quantile_ms(counts: Sequence[int], at: float) -> float | None:
    """Read a quantile off a histogram over `LAG_BOUNDS_S`, even inside a bucket; None when it is empty."""
    wanted = sum(counts) * at
    if not wanted:
        return None
    below, low_s = 0, 0.0
    for count, high_s in zip(counts, (*LAG_BOUNDS_S, LAG_BOUNDS_S[-1]), strict=False):
        if count and below + count >= wanted:
            return round((low_s + (high_s - low_s) * (wanted - below) / count) * 1_000, 1)
        below, low_s = below + count, high_s
    return round(LAG_BOUNDS_S[-1] * 1_000, 1)
