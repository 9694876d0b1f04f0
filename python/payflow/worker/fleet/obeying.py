"""Does what is ordered, by the levers that a worker has."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog
from msgspec import to_builtins

from payflow.fleet import Duty, FleetState

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.breakers import Gate
    from payflow.intake import Intake
    from payflow.pipeline import Slots, Throttle
    from payflow.worker.fleet.metering import ReceiveMeter
    from payflow.worker.receiving import Receiving

PARTY: Final = "operator"
"""Who pauses a worker that is ordered to receive nothing."""
WATCH_INTERVAL_S: Final = 0.1
_STATES: Final = {
    (FleetState.RUNNING, True): "running",
    (FleetState.PAUSED, False): "pausing",
    (FleetState.PAUSED, True): "paused",
    (FleetState.DRAINING, False): "draining",
    (FleetState.DRAINING, True): "drained",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Levers:
    """What a worker can be steered by."""

    intake: Intake
    receiving: Receiving
    gate: Gate
    slots: Slots
    throttle: Throttle
    lanes: int
    """Lanes that it started."""
    batch_size_max: int
    """Size of batches when nothing else is ordered."""
    end: Callable[[], None]
    """Ends the worker in order."""


class Obeying:
    """Turns a duty into what the worker does.

    Args:
        levers: of this worker.
        meter: holds it to the fleet's rate.

    """

    def __init__(self, levers: Levers, meter: ReceiveMeter) -> None:
        self._levers = levers
        self._meter = meter
        self._ended = False
        self.duty = Duty()
        self.batch_size_max = levers.batch_size_max
        self.concurrency_max = levers.lanes
        self.changed = asyncio.Event()
        """Set whenever it has something new to say."""
        self._ordered = asyncio.Event()
        self._settled = True

    @property
    def state(self) -> str:
        """What it does now: `pausing` until its last poll is over, `draining` until nothing is in hand."""
        return _STATES[self.duty.state, self._settled]

    def obey(self, duty: Duty) -> None:
        """Do this from now on."""
        levers, limits = self._levers, duty.limits
        before, self.duty = self.duty, duty
        draining = duty.state is FleetState.DRAINING
        if duty.state is not before.state:
            self._settled = duty.state is FleetState.RUNNING
            self._ordered.set()
        if duty.state is FleetState.RUNNING:
            levers.receiving.resume(PARTY)
        else:
            levers.receiving.pause(PARTY)
        # Held work would keep a drain from its end for as long as an outage or a merchant's backlog lasts.
        levers.gate.hold(holds=not draining)
        if draining:
            levers.throttle.close()
        else:
            levers.throttle.reopen()
        self.concurrency_max = min(limits.concurrency_max or levers.lanes, levers.lanes)
        levers.slots.limit(None if self.concurrency_max == levers.lanes else self.concurrency_max)
        size = limits.batch_size_max or levers.batch_size_max
        if size != self.batch_size_max:
            self.batch_size_max = size
            levers.intake.set_batch_size_max(size)
        if limits.merchants != levers.throttle.rates:
            levers.throttle.limit(limits.merchants)
        self._meter.hold_to(limits.rate_per_s, duty.workers_live)
        # Workers come and go; only an order is news.
        say = log.info if duty.revision != before.revision else log.debug
        say(
            "orders_obeyed",
            stage="fleet",
            revision=duty.revision,
            state=duty.state,
            exits=duty.exits,
            limits=to_builtins(limits),
            workers_live=duty.workers_live,
        )
        self.changed.set()

    async def watch(self) -> None:
        """Notice when a pause or a drain is complete, and end the worker if it shall; until cancelled."""
        while True:
            await self._ordered.wait()
            if self.duty.state is FleetState.RUNNING:
                self._ordered.clear()
                continue
            self._watch()
            await asyncio.sleep(WATCH_INTERVAL_S)

    def _watch(self) -> None:
        draining = self.duty.state is FleetState.DRAINING
        stats = self._levers.intake.stats()
        settled = stats.polls_active == 0 and not (draining and stats.in_flight)
        if settled != self._settled:
            self._settled = settled
            log.info("fleet_state", stage="fleet", state=self.state)
            self.changed.set()
        if settled and draining and self.duty.exits and not self._ended:
            self._ended = True
            self._levers.end()
