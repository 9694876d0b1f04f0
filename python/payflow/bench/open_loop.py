"""An open-loop sender: the schedule decides when an event is due, never the answer to the one before."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from payflow.bench.failure import BenchFailed
from payflow.bench.observed_worker import correlation_id
from payflow.workload import BENCH_MIX, Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payflow._native import NativeSender

_LEAD_S = 0.2
"""From the schedule's making to its first event."""


@dataclass(frozen=True)
class Scheduled:
    """Bodies with the Unix time in seconds at which each is to be sent."""

    bodies: list[bytes]
    due_s: list[float]
    warm_up: int
    """How many of the first ones are not measured."""


def schedule(rate: int, seconds: int, warm_up_s: int, seed: int, lead_s: float) -> Scheduled:
    """Plan a steady stream that begins `lead_s` from now; every measured event carries its own due time."""
    total, warm_up = rate * (warm_up_s + seconds), rate * warm_up_s
    began_s = time.time() + lead_s
    due_s = [began_s + index / rate for index in range(total)]
    stream = Workload(seed, BENCH_MIX, clock_start=datetime.now(UTC)).deliveries(total)
    bodies = []
    for index, delivery in enumerate(stream):
        if index < warm_up:
            bodies.append(delivery.body)
        else:
            stamped = orjson.loads(delivery.body)
            stamped["correlation_id"] = correlation_id(round(due_s[index] * 1_000_000))
            bodies.append(orjson.dumps(stamped))
    return Scheduled(bodies, due_s, warm_up)


def lead_for(rate: int, seconds: int) -> float:
    """Give the time that making a schedule takes, with room; bodies are made before the first is due."""
    bodies_per_s = 5_000
    return rate * seconds / bodies_per_s + _LEAD_S


@dataclass(frozen=True)
class Sent:
    """How well the sender kept to the schedule."""

    sent: int
    late_ms_max: float
    calls: int


def send_on_time(sender: NativeSender, scheduled: Scheduled, advance: Callable[[int], None]) -> Sent:
    """Send each body when it is due; all that came due while one call was under way go with the next.

    Raises:
        BenchFailed: when the queue refuses a message.

    """
    bodies, due_s = scheduled.bodies, scheduled.due_s
    at = calls = 0
    late_max_s = 0.0
    while at < len(bodies):
        now_s = time.time()
        if due_s[at] > now_s:
            time.sleep(due_s[at] - now_s)
            continue
        end = _due_until(due_s, at, now_s)
        late_max_s = max(late_max_s, now_s - due_s[at])
        failures = sender.send(bodies[at:end])
        if failures:
            raise BenchFailed(f"the queue refused {len(failures)} messages: {failures[0][1]}")
        advance(end - at)
        at, calls = end, calls + 1
    return Sent(len(bodies), late_max_s * 1_000, calls)


def _due_until(due_s: Sequence[float], at: int, now_s: float) -> int:
    while at < len(due_s) and due_s[at] <= now_s:
        at += 1
    return at
