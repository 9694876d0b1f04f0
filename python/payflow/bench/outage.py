"""`payflow bench outage`: something is away under a steady load. What does it cost, and how soon is it over?

The rate at which a backlog is drained before the outage is the full rate; the outage is over when a second of
the drain after it comes to nine tenths of that. Nothing may be dead-lettered, lost or received twice.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from payflow.bench.away import Away
from payflow.bench.failure import BenchFailed
from payflow.bench.feeding import Feeder
from payflow.bench.filling import fill, open_sender
from payflow.bench.proof import prove
from payflow.bench.rates import Rates
from payflow.bench.rig import open_rig
from payflow.bench.worker import BenchedWorker
from payflow.faults.disturbed_worker import Orders, give_orders
from payflow.workload import Mix, Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from payflow.bench.filling import Filled
    from payflow.bench.options import OutageOptions
    from payflow.bench.rig import Rig
    from payflow.bench.view import View
    from payflow.settings import Settings

MIX: Final = Mix(faulty=0.0)
"""Nothing in it deserves the dead-letter queue, so that each letter there is a fault."""
FULL_SHARE: Final = 0.9

_STEADY_S: Final = 10.0
"""How long the load is steady before the outage, and no longer than that lasts."""
_DRAINED_S: Final = 1.0
"""A backlog of less than so many seconds of the load is none."""
_CATCH_UP_TIMEOUT_S: Final = 300.0
_START_TIMEOUT_S: Final = 60.0
_STALL_TIMEOUT_S: Final = 60.0
_POLL_S: Final = 0.05
_DEAD_LETTERS: Final = "SELECT count(*) FROM dead_letters"


@dataclass(frozen=True)
class OutageRun:
    """The figures of one outage, and what is wrong with it."""

    figures: dict[str, Any]
    problems: list[str]


def run_outage(settings: Settings, options: OutageOptions, view: View) -> OutageRun:
    """Drain a backlog, load steadily, take something away, bring it back, and wait until it is made up for.

    Raises:
        BenchFailed: when the worker ends or stands still.
        EmbeddedFailed: when a server can't start.

    """
    with open_rig(settings, options.setup, view.say) as rig:
        orders = rig.scratch / "orders"
        give_orders(orders, Orders())
        with view.progress("Filling the queue", options.backlog) as progress:
            filled = fill(rig, options.backlog, options.setup.seed, progress, MIX)
        load_before = os.getloadavg()[0]
        return _Outage(rig, options, view, orders, filled, load_before).go()


class _Outage:
    def __init__(
        self,
        rig: Rig,
        options: OutageOptions,
        view: View,
        orders: Path,
        filled: Filled,
        load_before: float,
    ) -> None:
        self._rig, self._options, self._view = rig, options, view
        self._orders = orders
        self._filled = filled
        self._load_before = load_before
        self._idle = rig.queue.stats()
        self._rates = Rates()
        self._events: set[int] = set()
        """Different events that were sent under load."""
        self._worker: BenchedWorker | None = None

    def go(self) -> OutageRun:
        """Do all of it."""
        rig, options, view = self._rig, self._options, self._view
        module = "payflow.faults.disturbed_worker"
        self._worker = worker = BenchedWorker(rig, [sys.executable, "-m", module, str(self._orders)])
        view.say("Draining a backlog: that is the full rate")
        self._until(lambda: self._deleted() > 0, _START_TIMEOUT_S)
        self._rates = Rates()
        self._until(lambda: self._deleted() >= self._filled.deliveries, _CATCH_UP_TIMEOUT_S)
        full_rate = self._rates.median()
        feeder = Feeder(open_sender(rig.settings.queue, rig.queue_url), self._bodies(), options.rate)
        away = Away(rig, options, self._orders)
        feeder.start()
        try:
            view.say(f"{options.rate:,} events/s")
            self._watch(min(_STEADY_S, options.seconds))
            view.say(f"{options.part} is away for {options.seconds:g} s")
            away.begin()
            self._watch(options.seconds)
            back_at_s = away.end()
            view.say("It is back")
            began_s = time.monotonic()
            self._rates = Rates()
            margin = options.rate * _DRAINED_S
            self._until(lambda: self._sent(feeder) - self._deleted() < margin, _CATCH_UP_TIMEOUT_S)
            caught_up_s = time.monotonic() - back_at_s
        finally:
            feeder.stop()
        self._until(lambda: self._deleted() >= self._sent(feeder), _STALL_TIMEOUT_S)
        said = worker.stop()
        return self._result(feeder, said, full_rate, began_s - back_at_s, caught_up_s)

    def _bodies(self) -> Iterator[bytes]:
        workload = Workload(self._options.setup.seed + 1, MIX, clock_start=datetime.now(UTC))
        for delivery in workload.deliveries(None):
            self._events.add(hash((delivery.payment_id, delivery.event_id)))
            yield delivery.body

    def _result(
        self, feeder: Feeder, said: dict[str, Any], full_rate: float, late_s: float, caught_up_s: float
    ) -> OutageRun:
        rig, options, sent = self._rig, self._options, self._sent(feeder)
        received = rig.queue.stats().received - self._idle.received
        proof = asyncio.run(prove(rig, self._filled, sum(said["rejudged"].values())))
        back_s = self._rates.reached(FULL_SHARE * full_rate)
        dead_letters = asyncio.run(_dead_letters(rig))
        figures: dict[str, Any] = {
            "back_at_full_rate_s": None if back_s is None else round(back_s + late_s, 1),
            "full_rate_events_per_s": round(full_rate, 1),
            "caught_up_s": round(caught_up_s, 1),
            "dead_letters": dead_letters,
            "received_again": received - sent,
            "queue_left": proof.queue_left,
            "machine": rig.machine | {"load_average_before": round(self._load_before, 2)},
            "run": {
                "part": options.part,
                "seconds": options.seconds,
                "rate": options.rate,
                "sent": sent,
                "resent_by_sender": feeder.resent,
                "trail_deliveries": proof.trail_deliveries,
                "rate_after_events_per_s": self._rates.by_second(),
                "failures": said["failures"],
                "batches": said["batches"],
            },
        }
        problems = [f"{dead_letters:,} dead letters"] if dead_letters else []
        if proof.queue_left:
            problems.append(f"{proof.queue_left:,} messages are still in the queue")
        events = self._filled.events + len(self._events)
        if proof.trail_events != events:
            problems.append(f"the trail has {proof.trail_events:,} events, {events:,} were sent")
        if received > sent + feeder.resent:
            problems.append(f"{received - sent:,} messages were received more than once")
        return OutageRun(figures, problems)

    def _sent(self, feeder: Feeder) -> int:
        return self._filled.deliveries + feeder.sent

    def _deleted(self) -> int:
        """Count deletes, and note them; deletes follow commits."""
        deleted = self._rig.queue.stats().deleted - self._idle.deleted
        self._rates.note(time.monotonic(), deleted)
        return deleted

    def _watch(self, seconds: float) -> None:
        ends_s = time.monotonic() + seconds
        while time.monotonic() < ends_s:
            self._look()

    def _until(self, holds: Callable[[], bool], timeout_s: float) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not holds():
            self._look()
            if time.monotonic() > deadline_s:
                raise BenchFailed(f"the drain stood still: no end of it within {timeout_s:g} s")

    def _look(self) -> None:
        if self._worker is not None:
            self._worker.look()
        time.sleep(_POLL_S)


async def _dead_letters(rig: Rig) -> int:
    postgres = rig.settings.postgres
    connection = await asyncpg.connect(postgres.required_dsn, timeout=postgres.connect_timeout_s)
    try:
        return int(await connection.fetchval(_DEAD_LETTERS))
    finally:
        await connection.close()
