"""Fills the queue before a run."""

from __future__ import annotations

import itertools
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from payflow import _native
from payflow.bench.failure import BenchFailed
from payflow.workload import BENCH_MIX, Workload

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.bench.rig import Rig
    from payflow.settings.groups import Queue
    from payflow.workload import Delivery, Mix

CONNECTIONS = 8
CHUNK_DELIVERIES = 2_000


@dataclass(frozen=True)
class Filled:
    """What stands in the queue."""

    deliveries: int
    events: int
    """Different events among them: the others are duplicates, or other facts under a known id."""
    body_bytes_mean: float
    took_s: float


def open_sender(queue: Queue, queue_url: str) -> _native.NativeSender:
    """Open the native sender to the run's queue."""
    return _native.NativeSender(
        queue.endpoint_url,
        queue.region,
        queue_url,
        CONNECTIONS,
        access_key_id="local",
        secret_access_key="local",  # noqa: S106 - the local server looks at none
    )


def fill(rig: Rig, events: int, seed: int, advance: Callable[[int], None], mix: Mix = BENCH_MIX) -> Filled:
    """Send exactly `events` deliveries of the mix; `advance` is told each chunk.

    Raises:
        BenchFailed: when the queue refuses a message.

    """
    sender, started_s = open_sender(rig.settings.queue, rig.queue_url), time.monotonic()
    deliveries = Workload(seed, mix, clock_start=datetime.now(UTC)).deliveries(events)
    different: set[int] = set()
    size_bytes = 0
    # The next chunk is made while this one is sent; the sender works outside the interpreter lock.
    with ThreadPoolExecutor(1) as sending:
        under_way: Future[int] | None = None
        while chunk := list(itertools.islice(deliveries, CHUNK_DELIVERIES)):
            different.update(hash((delivery.payment_id, delivery.event_id)) for delivery in chunk)
            size_bytes += sum(len(delivery.body) for delivery in chunk)
            if under_way is not None:
                advance(under_way.result())
            under_way = sending.submit(_send, sender, chunk)
        if under_way is not None:
            advance(under_way.result())
    took_s = time.monotonic() - started_s
    return Filled(events, len(different), size_bytes / max(events, 1), took_s)


def _send(sender: _native.NativeSender, chunk: list[Delivery]) -> int:
    failures = sender.send([delivery.body for delivery in chunk])
    if failures:
        raise BenchFailed(f"the queue refused {len(failures)} messages: {failures[0][1]}")
    return len(chunk)
