"""`payflow bench pipeline`: one worker drains a queue that was filled first.

The drain lasts from the first message that the queue hands out to the return of the last commit. CPU time is
counted over the same stretch, so that neither the worker's start nor the filling is in it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from payflow.bench.failure import BenchFailed
from payflow.bench.filling import fill
from payflow.bench.machine import CpuUse
from payflow.bench.proof import Proof, prove
from payflow.bench.rig import open_rig
from payflow.bench.worker import BenchedWorker

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.bench.filling import Filled
    from payflow.bench.options import PipelineOptions
    from payflow.bench.rig import Rig
    from payflow.bench.view import View
    from payflow.faults import QueueStats
    from payflow.settings import Settings

_FIRST_RECEIVE_POLL_S = 0.005
_DRAIN_POLL_S = 0.1
_START_TIMEOUT_S = 60.0
_STALL_TIMEOUT_S = 60.0
"""A drain that deletes nothing for so long is given up."""
_RSS_POINTS_MAX = 200


@dataclass(frozen=True)
class _Moment:
    """All counters at one time."""

    unix_s: float
    cpu_s: dict[str, float]
    machine: CpuUse
    queue: QueueStats

    @classmethod
    def now(cls, rig: Rig) -> _Moment:
        return cls(time.time(), rig.cpu_s(), CpuUse.now(), rig.queue.stats())


@dataclass(frozen=True)
class PipelineRun:
    """The figures of one drain."""

    figures: dict[str, Any]
    proof: Proof


def run_pipeline(settings: Settings, options: PipelineOptions, view: View) -> PipelineRun:
    """Fill, drain, measure, prove.

    Raises:
        BenchFailed: when the worker ends or stands still.
        EmbeddedFailed: when a server can't start.

    """
    setup = options.setup
    with open_rig(settings, setup, view.say) as rig:
        with view.progress("Filling the queue", options.events) as progress:
            filled = fill(rig, options.events, setup.seed, progress)
        view.say(f"Filled: {filled.deliveries:,} in {filled.took_s:.1f} s")
        rig.queue.turn(added_latency_ms=setup.added.sqs_ms)
        load_before = os.getloadavg()[0]
        idle = rig.queue.stats()
        worker = BenchedWorker(rig)
        began = _first_receive(rig, worker, idle)
        with view.progress("Draining", options.events) as progress:
            ended = _drain(rig, worker, idle, options.events, progress)
        said = worker.stop()
        proof = asyncio.run(prove(rig, filled, sum(said["rejudged"].values())))
        figures = _figures(options, rig, filled, worker, said, began, ended)
        figures["machine"] = rig.machine | {
            "load_average_before": round(load_before, 2),
            "cores_used_by_others": _cores_used_by_others(began, ended),
        }
        figures["run"]["proof"] = proof.as_json()
    return PipelineRun(figures, proof)


def _first_receive(rig: Rig, worker: BenchedWorker, idle: QueueStats) -> _Moment:
    """Wait until the queue hands out the first message; the worker's start ends there."""
    deadline_s = time.monotonic() + _START_TIMEOUT_S
    while rig.queue.stats().received == idle.received:
        worker.look()
        if time.monotonic() > deadline_s:
            raise BenchFailed(f"the worker received nothing in {_START_TIMEOUT_S:g} s")
        time.sleep(_FIRST_RECEIVE_POLL_S)
    return _Moment.now(rig)


def _drain(
    rig: Rig, worker: BenchedWorker, idle: QueueStats, events: int, progress: Callable[[int], None]
) -> _Moment:
    """Wait until every message is deleted; deletes follow commits."""
    deleted, moved_s = 0, time.monotonic()
    while True:
        now = rig.queue.stats().deleted - idle.deleted
        if now > deleted:
            progress(now - deleted)
            deleted, moved_s = now, time.monotonic()
        if deleted >= events:
            return _Moment.now(rig)
        worker.look()
        if time.monotonic() - moved_s > _STALL_TIMEOUT_S:
            raise BenchFailed(f"{events - deleted:,} of {events:,} messages were left: the drain stood still")
        time.sleep(_DRAIN_POLL_S)


def _figures(
    options: PipelineOptions,
    rig: Rig,
    filled: Filled,
    worker: BenchedWorker,
    said: dict[str, Any],
    began: _Moment,
    ended: _Moment,
) -> dict[str, Any]:
    events = options.events
    drained_s = said["last_committed_at_ms"] / 1_000 - began.unix_s
    cpu_us = {part: (ended.cpu_s[part] - began.cpu_s[part]) / events * 1e6 for part in ended.cpu_s}
    calls = ended.queue.calls_since(began.queue)
    figures: dict[str, Any] = {"events_per_s": round(events / drained_s, 1)}
    figures |= {
        f"{part}_cpu_us_per_event": round(cpu_us[part], 2)
        for part in ("worker", "postgres", "valkey", "queue")
    }
    queue = rig.settings.queue
    return figures | {
        "lag_ms": {name: round(value, 1) for name, value in said["lag_total_ms"].items()},
        "peak_rss_mib": round(worker.peak_rss_mib, 1),
        "api_calls_per_1000_events": round(sum(calls.values()) / events * 1_000, 1),
        "machine": {},
        "run": {
            "events": events,
            "drained_s": round(drained_s, 2),
            "transport": options.setup.transport,
            "lanes": queue.lanes,
            "batch_size": queue.batch_size_max,
            "seed": options.setup.seed,
            "added_latency_ms": dataclasses.asdict(options.setup.added),
            "body_bytes_mean": round(filled.body_bytes_mean, 1),
            "fill_events_per_s": round(events / filled.took_s, 1),
            "delays_cpu_us_per_event": round(cpu_us["delays"], 2),
            "worker_start_cpu_s": round(began.cpu_s["worker"], 2),
            "api_calls": calls,
            "rss_mib": _thinned(worker.rss_mib),
            "verdicts": {name: count for name, count in said["verdicts"].items() if count},
            "batch_mean": round(said["decided"] / max(said["batches"], 1), 1),
            "races": said["races"],
            "splits": said["splits"],
            "failures": said["failures"],
        },
    }


def _cores_used_by_others(began: _Moment, ended: _Moment) -> float:
    """Give the cores that neither the run nor idling took: on a busy machine, rates are a floor."""
    ours_s = sum(ended.cpu_s.values()) - sum(began.cpu_s.values())
    busy_s = ended.machine.busy_s - began.machine.busy_s
    return round(max(busy_s - ours_s, 0.0) / max(ended.unix_s - began.unix_s, 1e-9), 2)


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    step = len(points) // _RSS_POINTS_MAX + 1
    return points[::step]
