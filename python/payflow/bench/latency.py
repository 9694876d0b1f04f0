"""`payflow bench latency`: how long an event takes from its intended sending to its commit, at a steady rate.

Free of coordinated omission: the clock of an event starts when the schedule says so. Whether the sender, the
queue or the worker was late, the event's lag has it.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from payflow.bench.failure import BenchFailed
from payflow.bench.filling import open_sender
from payflow.bench.machine import CpuUse
from payflow.bench.open_loop import lead_for, schedule, send_on_time
from payflow.bench.rig import open_rig
from payflow.bench.worker import BenchedWorker

if TYPE_CHECKING:
    from payflow.bench.open_loop import Sent
    from payflow.bench.options import LatencyOptions
    from payflow.bench.rig import Rig
    from payflow.bench.view import View
    from payflow.faults import QueueStats
    from payflow.settings import Settings

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999, "max": 1.0}
_START_TIMEOUT_S = 60.0
_SETTLE_TIMEOUT_S = 60.0
_SETTLE_POLL_S = 0.05
OBSERVED = (sys.executable, "-m", "payflow.bench.observed_worker")


@dataclass(frozen=True)
class LatencyRun:
    """The figures of one run, and what is wrong with it."""

    figures: dict[str, Any]
    problems: list[str]


def run_latency(settings: Settings, options: LatencyOptions, view: View) -> LatencyRun:
    """Start a worker, send at the rate, and measure every delivery past the warm-up.

    Raises:
        BenchFailed: when the worker ends or stands still.
        EmbeddedFailed: when a server can't start.

    """
    with open_rig(settings, options.setup, view.say) as rig:
        rig.queue.turn(added_latency_ms=options.setup.added.sqs_ms)
        idle = rig.queue.stats()
        worker = BenchedWorker(rig, OBSERVED)
        _receiving(rig, worker, idle)
        sender = open_sender(rig.settings.queue, rig.queue_url)
        seconds = options.warm_up_s + options.seconds
        plan = schedule(
            options.rate,
            options.seconds,
            options.warm_up_s,
            options.setup.seed,
            lead_for(options.rate, seconds),
        )
        load_before, cpu_s, busy = os.getloadavg()[0], rig.cpu_s(), CpuUse.now()
        began_s = time.monotonic()
        with view.progress(f"Sending {options.rate:,}/s for {seconds} s", len(plan.bodies)) as progress:
            sent = send_on_time(sender, plan, progress)
        _settle(rig, worker, idle, sent.sent)
        took_s = time.monotonic() - began_s
        used_s = {part: value - cpu_s[part] for part, value in rig.cpu_s().items()}
        busy_s = CpuUse.now().busy_s - busy.busy_s
        lags_ms = sorted(worker.stop()["lags_ms"])
        if not lags_ms:
            raise BenchFailed("no delivery was measured")
        machine = rig.machine | {
            "load_average_before": round(load_before, 2),
            "cores_used_besides_servers_and_worker": round((busy_s - sum(used_s.values())) / took_s, 2),
        }
    figures = _figures(options, sent, lags_ms)
    figures |= {
        "worker_cpu_us_per_event": round(used_s["worker"] / sent.sent * 1e6, 1),
        "postgres_cpu_us_per_event": round(used_s["postgres"] / sent.sent * 1e6, 1),
        "peak_rss_mib": round(worker.peak_rss_mib, 1),
        "machine": machine,
    }
    missing = len(plan.bodies) - plan.warm_up - len(lags_ms)
    problems = [f"{missing:,} deliveries were never committed"] if missing > 0 else []
    return LatencyRun(figures, problems)


def _receiving(rig: Rig, worker: BenchedWorker, idle: QueueStats) -> None:
    """Wait for the worker's first poll, so that its start is in no figure."""
    deadline_s = time.monotonic() + _START_TIMEOUT_S
    while not rig.queue.stats().calls_since(idle).get("ReceiveMessage"):
        worker.look()
        if time.monotonic() > deadline_s:
            raise BenchFailed(f"the worker did not begin to receive in {_START_TIMEOUT_S:g} s")
        time.sleep(_SETTLE_POLL_S)


def _settle(rig: Rig, worker: BenchedWorker, idle: QueueStats, sent: int) -> None:
    """Wait until every message is deleted; deletes follow commits."""
    deadline_s = time.monotonic() + _SETTLE_TIMEOUT_S
    while (left := sent - (rig.queue.stats().deleted - idle.deleted)) > 0:
        worker.look()
        if time.monotonic() > deadline_s:
            raise BenchFailed(
                f"{left:,} of {sent:,} messages were left {_SETTLE_TIMEOUT_S:g} s after the last"
            )
        time.sleep(_SETTLE_POLL_S)


def _figures(options: LatencyOptions, sent: Sent, lags_ms: list[float]) -> dict[str, Any]:
    return {
        "latency_ms": {name: round(quantile(lags_ms, at), 2) for name, at in QUANTILES.items()},
        "run": {
            "rate": options.rate,
            "seconds": options.seconds,
            "warm_up_s": options.warm_up_s,
            "transport": options.setup.transport,
            "measured": len(lags_ms),
            "sent": sent.sent,
            "sent_late_ms_max": round(sent.late_ms_max, 2),
            "bodies_a_send_mean": round(sent.sent / sent.calls, 2),
            "added_latency_ms": dataclasses.asdict(options.setup.added),
            "seed": options.setup.seed,
        },
    }


def quantile(ordered: list[float], at: float) -> float:
    """Give the least value of `ordered`, which isn't empty, that a share of at least `at` doesn't exceed."""
    return ordered[min(max(-int(-at * len(ordered) // 1) - 1, 0), len(ordered) - 1)]
