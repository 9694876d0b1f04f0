"""The figures of one second, for the metrics of the stream."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from payflow.api.dashboard.reading import standing
from payflow.api.stream.shapes import MetricsTick
from payflow.telemetry.lag_steps import percentile_ms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payflow.api.queue.looking import QueueNumbers
    from payflow.api.services import Services
    from payflow.ledger.pool import Connection

__all__ = ["TICK_INTERVAL_S", "Figures"]

TICK_INTERVAL_S: Final = 1.0
SLOW_INTERVAL_S: Final = 3.0
"""How often what changes slowly is read: workers, open alerts, lags."""
LAG_WINDOW: Final = timedelta(seconds=20)
_REFUSED: Final = ("conflict", "impossible", "malformed")
_OPEN: Final = ("info", "warning", "high", "critical")

_LAG = (files("payflow.api.stream") / "sql" / "lag.sql").read_text()


class Figures:
    """Counts what the hub sees, and reads beside it what it doesn't."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._verdicts: Counter[str] = Counter()
        self._ticked_s = time.monotonic()
        self._slow_at_s = 0.0
        self._alerts_open = 0
        self._workers_alive = 0
        self._lags: tuple[float | None, float | None, float | None] = (None, None, None)
        self._queue: QueueNumbers | None = None
        self._asking: asyncio.Task[None] | None = None

    def count(self, verdicts: Iterable[str]) -> None:
        """Take the verdicts of deliveries that came to sight."""
        self._verdicts.update(verdicts)

    def begin(self) -> None:
        """Begin a second: nobody listened before."""
        self._verdicts.clear()
        self._ticked_s, self._slow_at_s = time.monotonic(), 0.0

    def due(self) -> bool:
        """Tell whether the second is over."""
        return time.monotonic() - self._ticked_s >= TICK_INTERVAL_S

    async def tick(self, connection: Connection, now: datetime) -> MetricsTick:
        """Give the figures since the last tick, and begin anew."""
        if time.monotonic() - self._slow_at_s >= SLOW_INTERVAL_S:
            await self._look(connection, now)
            self._slow_at_s = time.monotonic()
        if self._asking is None or self._asking.done():
            # Beside the hub: an SQS that hangs must not hold up what readers wait for.
            self._asking = asyncio.create_task(self._ask(), name="stream-queue")
        queue = self._queue
        now_s = time.monotonic()
        elapsed_s, counted = max(now_s - self._ticked_s, 1e-3), self._verdicts
        self._ticked_s, self._verdicts = now_s, Counter()

        def per_s(*names: str) -> float:
            return round(sum(counted[name] for name in names) / elapsed_s, 1)

        p50, p95, p99 = self._lags
        return MetricsTick(
            at=now,
            received_per_s=per_s(*counted),
            applied_per_s=per_s("apply"),
            duplicates_per_s=per_s("duplicate"),
            refused_per_s=per_s(*_REFUSED),
            lag_p50_ms=p50,
            lag_p95_ms=p95,
            lag_p99_ms=p99,
            backlog_visible=None if queue is None else queue.visible,
            in_flight=None if queue is None else queue.in_flight,
            alerts_open=self._alerts_open,
            workers_alive=self._workers_alive,
        )

    async def _ask(self) -> None:
        self._queue = await self._services.queue.numbers_if_any()

    async def _look(self, connection: Connection, now: datetime) -> None:
        counts = await standing(connection)
        self._alerts_open = sum(counts[name] for name in _OPEN)
        self._workers_alive = len((await self._services.fleet.read(connection)).live)
        rows = await connection.fetch(_LAG, now - LAG_WINDOW)
        sums = [sum(column) for column in zip(*(row["counts"] for row in rows), strict=False)]
        self._lags = (percentile_ms(sums, 0.5), percentile_ms(sums, 0.95), percentile_ms(sums, 0.99))
