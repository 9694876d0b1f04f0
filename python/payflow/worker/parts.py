"""What a worker is made of before it receives anything: stages, gate, pipeline, options of its intake."""

from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from payflow.breakers import GateOptions
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.idempotency import SeenMarks, SeenOptions, connect, disconnect
from payflow.intake import IntakeOptions
from payflow.intake.queue_check import QueueAttributes, warn_of_differences
from payflow.intake.queues import QueueUrls, client, queue_url
from payflow.ledger import Ledger, LedgerOptions, close_pool, open_pool, prove_writable
from payflow.lifecycle import policies_of
from payflow.pipeline import Pipeline, RedisAttempts, RetryPolicy, Stages
from payflow.worker.rules_in_force import RulesInForce, plant_seed_rules
from payflow.worker.stopping import CLOSING_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AsyncExitStack
    from datetime import datetime

    from payflow.breakers import Gate
    from payflow.ledger.pool import Pool
    from payflow.pipeline import Deferral, Throttle
    from payflow.pipeline.pipeline import Observe
    from payflow.settings import Settings
    from payflow.telemetry.figures import Figures
    from payflow.worker.dependencies import Dependencies
    from payflow.worker.receiving import Receiving

__all__ = ["Parts", "gate_of", "intake_options", "open_parts", "pipeline_of", "worker_name"]


def worker_name() -> str:
    """Name this process in the trail, the logs and the fleet.

    Hosts and process ids come again (in a container the id is always the same), and an order to one worker
    must never be obeyed by the next one: so a name ends on a mark of its own.
    """
    return f"worker:{socket.gethostname()}:{os.getpid()}:{_mark_of(os.getpid())}"


@cache
def _mark_of(_pid: int) -> str:
    return secrets.token_hex(2)


@dataclass(frozen=True)
class Parts:
    """What a worker is made of before it receives anything."""

    stages: Stages
    ledger_id: str
    pool: Pool
    rules: RulesInForce
    seen: SeenMarks
    attempts: RedisAttempts
    store: LedgerOptions


async def open_parts(settings: Settings, stack: AsyncExitStack, clock: Callable[[], datetime]) -> Parts:
    """Open connections and read what there is to read; the stack closes them.

    Raises:
        StoreUnavailable, StoreOutdated: the database can't be used.
    """
    sources = Sources.load(settings.events.sources_file)
    postgres, redis = settings.postgres, settings.redis
    # One more for rules and orders, so that they never wait for a lane.
    store = postgres.ledger_options(settings.postgres_pool_size + 1)
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
    stack.push_async_callback(disconnect, cache)
    seen = SeenMarks(cache, seen_options, time.monotonic)
    return Parts(
        stages=Stages(decoder=Decoder(sources, clock), seen=seen, ledger=ledger, rules=rules.current),
        ledger_id=ledger_id,
        pool=pool,
        rules=rules,
        seen=seen,
        attempts=RedisAttempts(cache, seen_options.deadline_s),
        store=store,
    )


def gate_of(settings: Settings, parts: Parts, dependencies: Dependencies, receiving: Receiving) -> Gate:
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


def pipeline_of(
    settings: Settings,
    parts: Parts,
    gate: Gate,
    figures: Figures,
    throttle: Throttle,
    observe: Observe | None,
    deferral: Deferral,
) -> Pipeline:
    """Make the pipeline; the events of each commit are told to `observe`."""
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
        throttle=throttle,
    )


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
