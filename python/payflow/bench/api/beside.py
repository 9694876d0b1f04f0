"""Whether a worker and the API keep their figures while both work on one database."""

from __future__ import annotations

import asyncio
import time
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

WARM_UP_S = 3
SETTLE_S = 5.0


async def beside_worker(
    rig: ApiRig, events_rate: int, rate: float, seconds: int, connections: int, advance: Callable[[int], None]
) -> dict[str, Any]:
    """Send events and requests at their rates, side by side; give the latencies of both."""
    worker = BenchedWorker(rig, OBSERVED)
    plan = await asyncio.to_thread(
        schedule, events_rate, seconds, WARM_UP_S, 1, lead_for(events_rate, seconds + WARM_UP_S)
    )
    sender = open_sender(rig.settings.queue, rig.queue_url)
    sending = asyncio.create_task(asyncio.to_thread(send_on_time, sender, plan, advance))
    await asyncio.sleep(max(0.0, plan.due_s[plan.warm_up] - time.time()))
    answers = await at_rate(rig.caller.place, mixed(rig.caller, rig.known), rate, seconds, connections)
    await sending
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
