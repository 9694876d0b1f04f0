"""Wires the stages into a worker, runs it until a signal, and stops it in order."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
import uvloop
from msgspec import to_builtins

from payflow.breakers import GateOptions
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.idempotency import SeenMarks, SeenOptions, connect
from payflow.intake import IntakeOptions, open_intake
from payflow.intake.queue_check import QueueAttributes, warn_of_differences
from payflow.intake.queues import QueueUrls, client, queue_url
from payflow.ledger import Ledger, LedgerOptions, close_pool, open_pool, prove_writable
from payflow.lifecycle import policies_of
from payflow.pipeline import Lane, Pipeline, RedisAttempts, RetryPolicy, Stages
from payflow.telemetry.figures import Figures
from payflow.telemetry.loop_watch import LoopWatch
from payflow.worker.dependencies import Dependencies
from payflow.worker.dump import Dump
from payflow.worker.observed import Observed, watched
from payflow.worker.receiving import Receiving
from payflow.worker.rules_in_force import RulesInForce, plant_seed_rules
from payflow.worker.status import StatusLines
from payflow.worker.stopping import CLOSING_S, Stopping
from payflow.worker.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payflow.breakers import Gate
    from payflow.intake import Intake
    from payflow.ledger.pool import Pool
    from payflow.pipeline import Deferral
    from payflow.pipeline.pipeline import Observe
    from payflow.settings import Settings

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


def worker_name() -> str:
    """Name this process in the trail and the logs."""
    return f"worker:{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True)
class _Parts:
    """What a worker is made of before it receives anything."""

    stages: Stages
    ledger_id: str
    pool: Pool
    rules: RulesInForce
    seen: SeenMarks
    attempts: RedisAttempts
    store: LedgerOptions


async def _run(
    settings: Settings, status: str | None, observe: Observe | None, clock: Callable[[], datetime]
) -> int:
    stopping = Stopping()
    stopping.listen()
    async with AsyncExitStack() as stack:
        figures = Figures()
        parts = await _parts(settings, stack, clock)
        options = await intake_options(settings)
        intake = open_intake(options, transport=settings.queue.transport)
        receiving = Receiving(intake)
        upkeep = Upkeep(
            settings, options.queue_url, intake, figures, parts.rules.current, clock, worker_name()
        )
        dependencies = Dependencies(clock, settings.postgres.probe_delay_max_s)
        gate = _gate(settings, parts, dependencies, receiving)
        pipeline = _pipeline(settings, parts, gate, figures, observe, upkeep.deferral())
        lanes = [Lane(number, intake, pipeline) for number in range(settings.queue.lanes)]
        await intake.start()
        running = [lane.start() for lane in lanes]
        lines = StatusLines(figures, intake, dependencies.breakers, upkeep.budget)
        background = [
            asyncio.create_task(parts.rules.keep_fresh(gate.failed), name="rules"),
            asyncio.create_task(dependencies.watch(parts.seen, intake), name="watch"),
        ]
        vital = [*running, *background]
        if status == "json":
            background.append(asyncio.create_task(lines.run(), name="status"))
        background += upkeep.start()
        Dump(asyncio.get_running_loop(), _facts(lanes, gate, receiving, dependencies, intake)).listen()
        observed = _observed(figures, parts, intake, dependencies, receiving, stopping, upkeep)
        await stack.enter_async_context(
            watched(observed, settings.worker.metrics_host, settings.worker.metrics_port)
        )
        log.info("worker_started", worker=worker_name(), transport=settings.queue.transport, lanes=len(lanes))
        failure = await stopping.until_asked(vital)
        clean = await stopping.wind_down(
            intake, receiving, gate, lanes, running, settings.worker.shutdown_timeout_s
        )
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        if status == "json":
            lines.print_line()
        log.info("worker_stopped", worker=worker_name(), clean=clean, **figures.snapshot())
        if failure is not None:
            raise failure
    return 0 if clean else 1


async def _parts(settings: Settings, stack: AsyncExitStack, clock: Callable[[], datetime]) -> _Parts:
    sources = Sources.load(settings.events.sources_file)
    postgres, redis = settings.postgres, settings.redis
    store = LedgerOptions(
        dsn=postgres.required_dsn,
        pool_size=settings.postgres_pool_size + 1,  # one for the rules, so that they never wait for a lane
        statement_timeout_ms=postgres.statement_timeout_ms,
        connect_timeout_s=postgres.connect_timeout_s,
    )
    pool = await open_pool(store)
    stack.push_async_callback(close_pool, pool, CLOSING_S)
    # Where connections are fewer than lanes, a lane waits for the statement of another before it connects.
    acquire_timeout_s = store.connect_timeout_s + store.command_timeout_s
    ledger = Ledger(pool, policies_of(sources), clock, worker_name(), acquire_timeout_s=acquire_timeout_s)
    ledger_id = await ledger.ledger_id()
    rules = RulesInForce(pool, settings.rules.refresh_interval_s)
    await plant_seed_rules(pool)
    await rules.refresh()
    seen_options = SeenOptions(ttl_s=redis.mark_ttl_s, deadline_s=redis.deadline_ms / 1_000)
    cache = connect(redis.required_url, deadline_s=seen_options.deadline_s)
    stack.push_async_callback(cache.aclose)
    seen = SeenMarks(cache, seen_options, time.monotonic)
    return _Parts(
        stages=Stages(decoder=Decoder(sources, clock), seen=seen, ledger=ledger, rules=rules.current),
        ledger_id=ledger_id,
        pool=pool,
        rules=rules,
        seen=seen,
        attempts=RedisAttempts(cache, seen_options.deadline_s),
        store=store,
    )


def _gate(settings: Settings, parts: _Parts, dependencies: Dependencies, receiving: Receiving) -> Gate:
    """Make the gate before PostgreSQL, and what tries whether it is back."""
    postgres = settings.postgres
    options = GateOptions(
        hold_max_s=settings.worker.outage_hold_max_s,
        probe_timeout_s=postgres.connect_timeout_s,
    )

    async def probe() -> None:
        await prove_writable(parts.store)
        await parts.stages.ledger.renew_connections()

    return dependencies.store_gate(probe, options, receiving)


def _pipeline(
    settings: Settings,
    parts: _Parts,
    gate: Gate,
    figures: Figures,
    observe: Observe | None,
    deferral: Deferral,
) -> Pipeline:
    queue = settings.queue
    retry = RetryPolicy(queue.retry_delay_min_s, queue.retry_delay_max_s, queue.receives_max)
    return Pipeline(
        parts.stages,
        parts.ledger_id,
        figures,
        retry,
        store=gate,
        attempts=parts.attempts,
        deferral=deferral,
        observe=observe,
    )


def _observed(
    figures: Figures,
    parts: _Parts,
    intake: Intake,
    dependencies: Dependencies,
    receiving: Receiving,
    stopping: Stopping,
    upkeep: Upkeep,
) -> Observed:
    """Give what health pages and metrics read."""
    return Observed(
        figures=figures,
        loop=LoopWatch(),
        intake=intake.stats,
        timings=intake.timings,
        budget=upkeep.budget,
        returns=upkeep.returns,
        sweeps=upkeep.sweeps,
        seen=parts.seen.stats,
        rules=parts.rules.current,
        breakers=dependencies.breakers.states,
        pool_size=parts.pool.get_size,
        pool_idle=parts.pool.get_idle_size,
        paused_for=lambda: receiving.paused_for,
        stopping=lambda: stopping.asked,
    )


def _facts(
    lanes: Sequence[Lane], gate: Gate, receiving: Receiving, dependencies: Dependencies, intake: Intake
) -> Callable[[], dict[str, Any]]:
    """Give what SIGUSR1 tells beside the tasks."""
    return lambda: {
        "lanes": {f"lane-{number}": lane.in_hand for number, lane in enumerate(lanes)},
        "held_batches": gate.holding,
        "paused_for": receiving.paused_for,
        "breakers": {name: asdict(state) for name, state in dependencies.breakers.states().items()},
        "intake": to_builtins(intake.stats()),
    }


async def intake_options(settings: Settings) -> IntakeOptions:
    """Give the intake its own small options, with the queues' URLs looked up.

    Raises:
        QueueMissing: a queue is not there, or may not be used.
        QueueUnavailable: SQS does not answer.
    """
    queue = settings.queue
    async with client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        url = queue.url or await queue_url(sqs, queue.name)
        dead_letter_url = await queue_url(sqs, queue.dead_letter_name)
        urls = QueueUrls(queue_url=url, dead_letter_queue_url=dead_letter_url)
        await warn_of_differences(sqs, urls, QueueAttributes.of(queue))
    return IntakeOptions(
        queue_url=url,
        dead_letter_queue_url=dead_letter_url,
        endpoint_url=queue.endpoint_url,
        region=queue.region,
        lanes=queue.lanes,
        batch_size_max=queue.batch_size_max,
        batch_age_max_ms=queue.batch_age_max_ms,
        polls_max=queue.polls_max,
        in_flight_max=queue.in_flight_max,
        visibility_timeout_s=queue.visibility_timeout_s,
        wait_time_s=queue.wait_time_s,
    )
