"""`payflow demo`: feeds the queue with a realistic stream; `payflow up --demo` starts it."""

from __future__ import annotations

import asyncio
import itertools
import signal
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated

import cyclopts
import orjson
from cyclopts import Parameter

from payflow.cli.output import print_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payflow.cli.sending import Sender

app = cyclopts.App(name="demo", show=False)

TICK_S = 0.02
PROVIDER_STOP_S = 3.0
STATUS_INTERVAL_S = 1.0
BURST_S = 1.0
"""Most that is sent at once after a hold-up, as seconds of the rate; what is older is left out."""


@app.default
def demo(
    *,
    rate: Annotated[int, Parameter(help="Events per second.")] = 200,
    seed: Annotated[int | None, Parameter(help="Names the stream; another one each time without.")] = None,
) -> None:
    """Send a realistic stream to the queue until SIGTERM or Ctrl-C, with a JSON status line a second.

    Where PAYFLOW_COMMANDS_QUEUE_NAME names a queue, a provider is played as well that carries commands out.
    """
    from payflow.cli.demo_provider import Provider  # noqa: PLC0415
    from payflow.cli.sending import open_sender, queue_url  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415
    from payflow.workload import DEMO_MIX, Workload, answers  # noqa: PLC0415

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    settings = load()
    url = asyncio.run(queue_url(settings))
    sender = open_sender(settings, url)
    seed = time.time_ns() if seed is None else seed
    provider = None
    if settings.commands.queue_name is not None:
        provider = Provider(
            settings,
            settings.commands.queue_name,
            open_sender(settings, url),
            partial(answers, seed=seed),
            stop,
        )
        provider.start()
    workload = Workload(seed, DEMO_MIX, clock_ms=lambda: time.time_ns() // 1_000_000)
    bodies = (delivery.body for delivery in workload.deliveries(None))
    feed(sender, bodies, rate, stop.wait, time.monotonic)
    if provider is not None:
        provider.join(PROVIDER_STOP_S)


def feed(
    sender: Sender,
    bodies: Iterator[bytes],
    rate: int,
    wait: Callable[[float], bool],
    clock: Callable[[], float],
) -> None:
    """Send at a rate that doesn't drift: what is due follows from the time since the start.

    Args:
        sender: where bodies go.
        bodies: what to send, without end.
        rate: events per second.
        wait: waits for so many seconds; true says that it is time to stop.
        clock: seconds that only grow.

    """
    started_s = said_s = clock()
    sent = failed = skipped = 0
    while not wait(TICK_S):
        now_s = clock()
        due = int((now_s - started_s) * rate) - sent - skipped
        over = max(0, due - int(rate * BURST_S))
        skipped += over
        chunk = list(itertools.islice(bodies, due - over))
        if chunk:
            failed += len(sender.send(chunk))
            sent += len(chunk)
        if now_s - said_s >= STATUS_INTERVAL_S:
            said_s = now_s
            status = {"sent": sent, "failed": failed, "skipped": skipped}
            print_line(orjson.dumps(status).decode())
