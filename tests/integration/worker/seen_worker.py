"""A worker's outside without the worker: every source of health and metrics, to be set as a test likes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from payflow.breakers import Breakers
from payflow.fleet import Duty
from payflow.idempotency import SeenStats
from payflow.intake import IntakeStats
from payflow.intake.budget import BudgetOptions, InFlightBudget
from payflow.intake.tally import Tally
from payflow.rules import compile_rules
from payflow.telemetry.figures import Figures
from payflow.telemetry.loop_watch import LoopWatch
from payflow.worker.fleet import FleetFigures
from payflow.worker.observed import Observed
from payflow.worker.returning import ReturnFigures
from payflow.worker.sweep_figures import SweepFigures

if TYPE_CHECKING:
    from payflow.breakers import Breaker

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def intake_stats(**counts: Any) -> IntakeStats:
    """Give counts of an intake, zero unless named."""
    plain: dict[str, Any] = dict.fromkeys(IntakeStats.__struct_fields__, 0)
    plain |= {"errors": {}, "extension_margin_min_ms": None}
    return IntakeStats(**plain | counts)


FLEET = FleetFigures(
    worker_id="worker:a:1:0000",
    state="running",
    duty=Duty(),
    concurrency_max=2,
    batch_size_max=500,
    granted={"redis": 0, "equal_share": 0},
    bucket_failures=0,
    throttled_s=0.0,
    held=0,
    waited=0,
    returned=0,
    announce_failures={"postgres": 0, "redis": 0},
    read_failures=0,
    listen_failures=0,
)


@dataclass
class SeenWorker:
    """What `Observed` reads; times stand still unless a test moves them."""

    now_s: float = 0.0
    stats: IntakeStats = field(default_factory=intake_stats)
    marks: SeenStats = field(default_factory=SeenStats)
    paused_for: list[str] = field(default_factory=list)
    stopping: bool = False
    fleet: FleetFigures = FLEET

    def __post_init__(self) -> None:
        self.figures = Figures()
        self.breakers = Breakers(lambda: self.now_s, lambda: STARTED)
        self.postgres, self.redis, self.sqs = map(self.breakers.add, ("postgres", "redis", "sqs"))
        self.tally = Tally()
        self.budget = InFlightBudget(
            BudgetOptions(limit=1_000),
            own=lambda: (self.stats.in_flight, self.figures.waits.waiting),
            clock_s=lambda: self.now_s,
            utc_now=lambda: STARTED,
        )
        self.returns = ReturnFigures()
        self.sweeps = SweepFigures()
        rules = compile_rules([])
        self.observed = Observed(
            figures=self.figures,
            loop=LoopWatch(lambda: self.now_s),
            intake=lambda: self.stats,
            timings=self.tally.timings,
            budget=self.budget,
            returns=self.returns,
            sweeps=self.sweeps,
            seen=lambda: self.marks,
            rules=lambda: rules,
            breakers=self.breakers.states,
            pool_size=lambda: 5,
            pool_idle=lambda: 2,
            stopping=lambda: self.stopping,
            paused_for=lambda: self.paused_for,
            fleet=lambda: self.fleet,
        )

    def lose(self, breaker: Breaker, reason: str) -> None:
        """Let a dependency go away."""
        breaker.failed(reason)


async def ask(host: str, port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send one request and give status, headers and body of the answer; each connection asks once."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(10):
            answer = await reader.read()
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, body


def get(path: str, *headers: str) -> bytes:
    """Write a request whose connection ends with its answer."""
    return "\r\n".join((f"GET {path} HTTP/1.1", "host: test", "connection: close", *headers, "", "")).encode()
