"""What is seen of a worker from outside: its counters and states, and who looks after them while it runs."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from payflow.cancellation import cancel_surely
from payflow.telemetry.logs import tell_suppressed
from payflow.worker.health import HealthServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from payflow import _native
    from payflow.breakers import BreakerState
    from payflow.idempotency import SeenStats
    from payflow.intake import IntakeStats
    from payflow.intake.budget import InFlightBudget
    from payflow.intake.contract import IntakeTimings
    from payflow.telemetry.figures import Figures
    from payflow.telemetry.loop_watch import LoopWatch
    from payflow.worker.fleet import FleetFigures
    from payflow.worker.returning import ReturnFigures
    from payflow.worker.sweep_figures import SweepFigures

TELL_INTERVAL_S: Final = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What health and metrics are read from, at any moment and from another thread."""

    figures: Figures
    loop: LoopWatch
    intake: Callable[[], IntakeStats]
    timings: Callable[[], IntakeTimings]
    budget: InFlightBudget
    returns: ReturnFigures
    sweeps: SweepFigures
    seen: Callable[[], SeenStats]
    rules: Callable[[], _native.RuleSet]
    breakers: Callable[[], Mapping[str, BreakerState]]
    pool_size: Callable[[], int]
    pool_idle: Callable[[], int]
    paused_for: Callable[[], list[str]]
    """Who keeps the worker from receiving; empty while it receives."""
    stopping: Callable[[], bool]
    fleet: Callable[[], FleetFigures]
    """What it obeys as one of its fleet."""


@asynccontextmanager
async def watched(observed: Observed, host: str, port: int) -> AsyncIterator[None]:
    """Sample the event loop, keep the log's promises, and serve health and metrics unless the port is 0.

    A port that is taken is an error in the log and no more: payments matter more than their metrics.
    """
    async with AsyncExitStack() as stack:
        tasks = [
            asyncio.create_task(observed.loop.run(), name="loop-watch"),
            asyncio.create_task(_tell_suppressed_lines(), name="suppressed-lines"),
        ]
        stack.push_async_callback(_end, tasks)
        if port:
            try:
                server = HealthServer(observed, host, port)
            except OSError as error:
                log.error(  # noqa: TRY400 - a trace adds nothing
                    "health_not_served",
                    host=host,
                    port=port,
                    error=str(error),
                    next="set PAYFLOW_WORKER_METRICS_PORT to a free port, or to 0 for none",
                )
            else:
                server.start()
                stack.push_async_callback(server.stop)
        yield


async def _tell_suppressed_lines() -> None:
    while True:
        await asyncio.sleep(TELL_INTERVAL_S)
        tell_suppressed()


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    await cancel_surely(tasks)
    tell_suppressed(early=True)
