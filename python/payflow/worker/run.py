"""Wires the stages into a worker, runs it until a signal, and stops it in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
import uvloop

from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.idempotency import SeenMarks, SeenOptions, connect
from payflow.intake import IntakeOptions, open_intake
from payflow.intake.queues import client, queue_url
from payflow.ledger import Ledger, LedgerOptions, open_pool
from payflow.lifecycle import policies_of
from payflow.pipeline import Lane, Pipeline, RetryPolicy, Stages
from payflow.telemetry.figures import Figures
from payflow.worker.rules_in_force import RulesInForce, plant_seed_rules
from payflow.worker.status import StatusLines

if TYPE_CHECKING:
    from payflow.intake import Intake
    from payflow.pipeline.pipeline import Observe
    from payflow.settings import Settings

log = structlog.get_logger(__name__)


def run_worker(settings: Settings, *, status: str | None = None, observe: Observe | None = None) -> int:
    """Apply events until SIGTERM or SIGINT; returns the exit code: 0 after a clean stop.

    Args:
        settings: the settings in force.
        status: `json` prints live figures.
        observe: told the events of each commit; `payflow bench latency` measures with it.

    Raises:
        PayFlowError: a leaf whose fate is `stop`, if the worker can't start.
    """
    return uvloop.run(_run(settings, status, observe))


def worker_name() -> str:
    """Name this process in the trail and the logs."""
    return f"worker:{socket.gethostname()}:{os.getpid()}"


async def _run(settings: Settings, status: str | None, observe: Observe | None) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        figures = Figures()
        pipeline, rules = await _pipeline(settings, figures, observe, stack)
        options = await intake_options(settings)
        intake = open_intake(options, transport=settings.queue.transport)
        await intake.start()
        lanes = [Lane(number, intake, pipeline) for number in range(settings.queue.lanes)]
        running = [lane.start() for lane in lanes]
        lines = StatusLines(figures, intake)
        background = [asyncio.create_task(rules.keep_fresh(), name="rules")]
        if status == "json":
            background.append(asyncio.create_task(lines.run(), name="status"))
        log.info("worker_started", worker=worker_name(), transport=settings.queue.transport, lanes=len(lanes))
        failure = await _until_stopped(stop, running)
        clean = await _stop(intake, lanes, running, settings.worker.shutdown_timeout_s)
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        if status == "json":
            lines.print_line()
        log.info("worker_stopped", worker=worker_name(), clean=clean, **figures.snapshot())
        if failure is not None:
            raise failure
    return 0 if clean else 1


async def _pipeline(
    settings: Settings, figures: Figures, observe: Observe | None, stack: AsyncExitStack
) -> tuple[Pipeline, RulesInForce]:
    sources = Sources.load(settings.events.sources_file)
    postgres = settings.postgres
    pool = await open_pool(
        LedgerOptions(
            dsn=postgres.required_dsn,
            pool_size=settings.postgres_pool_size
            + 1,  # one for the rules, so that they never wait for a lane
            statement_timeout_ms=postgres.statement_timeout_ms,
            connect_timeout_s=postgres.connect_timeout_s,
        )
    )
    stack.push_async_callback(pool.close)
    ledger = Ledger(pool, policies_of(sources), clock, worker_name())
    ledger_id = await ledger.ledger_id()
    rules = RulesInForce(pool, settings.rules.refresh_interval_s)
    await plant_seed_rules(pool)
    await rules.refresh()
    seen_options = SeenOptions(ttl_s=settings.redis.mark_ttl_s, deadline_s=settings.redis.deadline_ms / 1_000)
    cache = connect(settings.redis.required_url, deadline_s=seen_options.deadline_s)
    stack.push_async_callback(cache.aclose)
    seen = SeenMarks(cache, seen_options, time.monotonic)
    stages = Stages(decoder=Decoder(sources, clock), seen=seen, ledger=ledger, rules=rules.current)
    queue = settings.queue
    retry = RetryPolicy(queue.retry_delay_min_s, queue.retry_delay_max_s)
    return Pipeline(stages, ledger_id, figures, retry, observe=observe), rules


def clock() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


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


async def _until_stopped(stop: asyncio.Event, running: list[asyncio.Task[None]]) -> BaseException | None:
    """Wait for a signal, or for a lane to die; return what it died of."""
    signalled = asyncio.create_task(stop.wait(), name="signal")
    done, _ = await asyncio.wait([signalled, *running], return_when=asyncio.FIRST_COMPLETED)
    signalled.cancel()
    return next((task.exception() for task in done if task in running and not task.cancelled()), None)


async def _stop(
    intake: Intake, lanes: list[Lane], running: list[asyncio.Task[None]], timeout_s: float
) -> bool:
    """Stop receiving, let each lane finish its batch, then flush decisions and release the rest."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    intake.pause()
    for lane in lanes:
        lane.stop()
    _, late = await asyncio.wait(running, timeout=max(timeout_s - 5.0, timeout_s / 2))
    for task in late:
        task.cancel()
    report = await intake.stop(max(deadline - loop.time(), 1.0))
    return report.clean and not late
