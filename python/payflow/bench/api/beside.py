"""Whether a worker and the API keep their figures while both work on one database."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from payflow.bench.api.asks import mixed
from payflow.bench.api.load import at_rate, quantiles
from payflow.bench.filling import open_sender
from payflow.bench.latency import OBSERVED
from payflow.bench.open_loop import lead_for, schedule, send_on_time
from payflow.bench.worker import BenchedWorker

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.bench.api.rig import ApiRig
    from payflow.bench.open_loop import Scheduled
    from payflow.settings.groups import Queue

WARM_UP_S = 3
SETTLE_S = 5.0
HAND_OVER_S = 4.0
"""What the sending process gets to start and to take the schedule."""


async def beside_worker(
    rig: ApiRig, events_rate: int, rate: float, seconds: int, connections: int, advance: Callable[[int], None]
) -> dict[str, Any]:
    """Send events and requests at their rates, side by side; give the latencies of both."""
    worker = BenchedWorker(rig, OBSERVED)
    # Sent by a process of its own: a thread of this one would hold up the clock of the requests.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        lead_s = lead_for(events_rate, seconds + WARM_UP_S) + HAND_OVER_S
        plan = await asyncio.to_thread(schedule, events_rate, seconds, WARM_UP_S, 1, lead_s)
        sending = asyncio.get_running_loop().run_in_executor(
            apart, _send, rig.settings.queue, rig.queue_url, plan
        )
        await asyncio.sleep(max(0.0, plan.due_s[plan.warm_up] - time.time()))
        telling = asyncio.create_task(_tell(events_rate, advance))
        answers = await at_rate(rig.caller.place, mixed(rig.caller, rig.known), rate, seconds, connections)
        await sending
        telling.cancel()
    await asyncio.sleep(SETTLE_S)
    said = await asyncio.to_thread(worker.stop)
    lags_ms = sorted(said["lags_ms"])
    return {
        "events_per_s": events_rate,
        "events": len(lags_ms),
        "events_missing": len(plan.bodies) - plan.warm_up - len(lags_ms),
        "events_latency_ms": quantiles(lags_ms),
        "api": {"rate": rate, **answers.figures()},
    }


def _send(queue: Queue, queue_url: str, plan: Scheduled) -> None:
    send_on_time(open_sender(queue, queue_url), plan, lambda _count: None)


async def _tell(events_rate: int, advance: Callable[[int], None]) -> None:
    while True:
        await asyncio.sleep(1)
        advance(events_rate)
