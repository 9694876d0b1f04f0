"""Wires the stages into a worker, runs it until a signal, and stops it in order."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
import uvloop
from msgspec import to_builtins

from payflow.cancellation import cancel_surely
from payflow.intake import open_intake
from payflow.pipeline import Lane, Slots
from payflow.telemetry.figures import Figures
from payflow.telemetry.loop_watch import LoopWatch
from payflow.worker.dependencies import Dependencies
from payflow.worker.dump import Dump
from payflow.worker.fleet import Enrolment, Levers, Surroundings
from payflow.worker.observed import Observed, watched
from payflow.worker.parts import gate_of, intake_options, open_parts, pipeline_of, worker_name
from payflow.worker.receiving import STARTING, Receiving
from payflow.worker.status import StatusLines
from payflow.worker.stopping import CLOSING_S, Stopping
from payflow.worker.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.pipeline.pipeline import Observe
    from payflow.settings import Settings
    from payflow.worker.fleet import Membership
    from payflow.worker.parts import Parts

log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def run_worker(
    settings: Settings,
    *,
    status: str | None = None,
    observe: Observe | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> int:
    """Apply events until SIGTERM or SIGINT; returns the exit code: 0 after a clean stop.

    Args:
        settings: the settings in force.
        status: `json` prints live figures.
        observe: told the events of each commit; `payflow bench latency` measures with it.
        clock: gives the time in UTC; `payflow drill` steps it.

    Raises:
        PayFlowError: a leaf whose fate is `stop`, if the worker can't start.
    """
    structlog.contextvars.bind_contextvars(worker=worker_name())  # on every line, whichever task writes it
    return uvloop.run(_run(settings, status, observe, clock))


@dataclass(frozen=True, kw_only=True)
class _Worker:
    """A worker that is put together, and receives nothing yet."""

    parts: Parts
    figures: Figures
    stopping: Stopping
    dependencies: Dependencies
    levers: Levers
    lanes: list[Lane]
    upkeep: Upkeep
    member: Membership


async def _run(
    settings: Settings, status: str | None, observe: Observe | None, clock: Callable[[], datetime]
) -> int:
    stopping = Stopping()
    stopping.listen()
    async with AsyncExitStack() as stack:
        worker = await _assemble(settings, stopping, observe, clock, stack)
        return await _work(worker, settings, status, stack)


async def _assemble(
    settings: Settings,
    stopping: Stopping,
    observe: Observe | None,
    clock: Callable[[], datetime],
    stack: AsyncExitStack,
) -> _Worker:
    """Put a worker together; the stack closes what it holds."""
    figures = Figures()
    parts = await open_parts(settings, stack, clock)
    options = await intake_options(settings)
    intake = open_intake(options, transport=settings.queue.transport)
    receiving = Receiving(intake)
    upkeep = Upkeep(settings, options.queue_url, intake, figures, parts.rules.current, clock, worker_name())
    dependencies = Dependencies(clock, settings.postgres.probe_delay_max_s)
    gate = gate_of(settings, parts, dependencies, receiving)
    enrolment = Enrolment(settings, parts.ledger_id, worker_name(), stack)
    slots, throttle = Slots(), enrolment.throttle(intake, figures)
    pipeline = pipeline_of(settings, parts, gate, figures, throttle, observe, upkeep.deferral())
    lanes = [Lane(number, intake, pipeline, slots, throttle) for number in range(settings.queue.lanes)]
    levers = Levers(
        intake=intake,
        receiving=receiving,
        gate=gate,
        slots=slots,
        throttle=throttle,
        lanes=len(lanes),
        batch_size_max=settings.queue.batch_size_max,
        end=stopping.ask,
    )
    surroundings = Surroundings(
        figures=figures,
        breakers=dependencies.breakers.states,
        rules=parts.rules.versions,
        started_at=clock(),
    )
    return _Worker(
        parts=parts,
        figures=figures,
        stopping=stopping,
        dependencies=dependencies,
        levers=levers,
        lanes=lanes,
        upkeep=upkeep,
        member=enrolment.join(parts.pool, levers, surroundings),
    )


async def _work(worker: _Worker, settings: Settings, status: str | None, stack: AsyncExitStack) -> int:
    """Learn what is ordered, receive and apply until it shall end, then wind down."""
    parts, levers, member, dependencies = worker.parts, worker.levers, worker.member, worker.dependencies
    await member.learn()
    await levers.intake.start(paused=True)
    running = [task for lane in worker.lanes for task in lane.start()]
    lines = StatusLines(worker.figures, levers.intake, dependencies.breakers, worker.upkeep.budget, member)
    background = [
        *member.begin(),
        asyncio.create_task(parts.rules.keep_fresh(levers.gate.failed), name="rules"),
        asyncio.create_task(dependencies.watch(parts.seen, levers.intake), name="watch"),
    ]
    vital = [*running, *background]
    if status == "json":
        background.append(asyncio.create_task(lines.run(), name="status"))
    background += worker.upkeep.start()
    Dump(asyncio.get_running_loop(), lambda: _facts(worker)).listen()
    await stack.enter_async_context(
        watched(_observed(worker), settings.worker.metrics_host, settings.worker.metrics_port)
    )
    levers.receiving.resume(STARTING)
    transport = settings.queue.transport
    log.info("worker_started", worker=worker_name(), transport=transport, lanes=len(worker.lanes))
    failure = await worker.stopping.until_asked(vital)
    member.stops()
    clean = await worker.stopping.wind_down(levers, worker.lanes, running, settings.worker.shutdown_timeout_s)
    await cancel_surely(background, give_up_s=CLOSING_S)
    await member.end()
    if status == "json":
        lines.print_line()
    log.info("worker_stopped", worker=worker_name(), clean=clean, **worker.figures.snapshot())
    if failure is not None:
        raise failure
    return 0 if clean else 1


def _observed(worker: _Worker) -> Observed:
    """Give what health pages and metrics read."""
    parts, levers = worker.parts, worker.levers
    return Observed(
        figures=worker.figures,
        loop=LoopWatch(),
        intake=levers.intake.stats,
        timings=levers.intake.timings,
        budget=worker.upkeep.budget,
        returns=worker.upkeep.returns,
        sweeps=worker.upkeep.sweeps,
        seen=parts.seen.stats,
        rules=parts.rules.current,
        breakers=worker.dependencies.breakers.states,
        pool_size=parts.pool.get_size,
        pool_idle=parts.pool.get_idle_size,
        paused_for=lambda: levers.receiving.paused_for,
        stopping=lambda: worker.stopping.asked,
        fleet=worker.member.figures,
    )


def _facts(worker: _Worker) -> dict[str, Any]:
    """Give what SIGUSR1 tells beside the tasks."""
    levers = worker.levers
    return {
        "lanes": {f"lane-{number}": lane.in_hand for number, lane in enumerate(worker.lanes)},
        "held_batches": levers.gate.holding,
        "paused_for": levers.receiving.paused_for,
        "fleet": worker.member.figures().plain(),
        "breakers": {name: asdict(told) for name, told in worker.dependencies.breakers.states().items()},
        "intake": to_builtins(levers.intake.stats()),
    }
