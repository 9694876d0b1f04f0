"""Puts the parts of a fleet's member together: its orders, its obeying, its meter, its voice."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from payflow.fleet import Announcement, BreakerTold, Channel, Duty
from payflow.telemetry.buckets import read_lags
from payflow.worker.fleet.announcer import Announcer
from payflow.worker.fleet.metering import ReceiveMeter
from payflow.worker.fleet.obeying import Levers, Obeying
from payflow.worker.fleet.orders_in_force import OrdersInForce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from payflow.breakers import BreakerState
    from payflow.fleet import FleetKeys, Limits
    from payflow.fleet.buckets import Rations
    from payflow.ledger.pool import Pool
    from payflow.telemetry.figures import Figures

__all__ = ["FleetFigures", "FleetOptions", "Levers", "Membership", "Surroundings"]

STOPPING: Final = "stopping"
STOPPED: Final = "stopped"


@dataclass(frozen=True, kw_only=True)
class FleetOptions:
    """How a worker takes part."""

    worker_id: str
    poll_interval_s: float = 5.0
    heartbeat_interval_s: float = 3.0
    read_timeout_s: float = 5.0
    redis_deadline_s: float = 0.1


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a worker says of itself is read from here."""

    figures: Figures
    breakers: Callable[[], Mapping[str, BreakerState]]
    rules: Callable[[], list[str]]
    """Rules in force, as `name@version`."""
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class FleetFigures:
    """The member at one moment, for metrics, health and the dump."""

    worker_id: str
    state: str
    duty: Duty
    concurrency_max: int
    batch_size_max: int
    granted: Mapping[str, int]
    """Deliveries that the rate limit allowed, by who gave the numbers out."""
    bucket_failures: int
    throttled_s: float
    held: int
    waited: int
    returned: int
    announce_failures: Mapping[str, int]
    read_failures: int
    listen_failures: int

    @property
    def limits(self) -> Limits:
        """The limits that it obeys."""
        return self.duty.limits

    def plain(self) -> dict[str, Any]:
        """Give the part that pages and dumps show."""
        return {
            "worker_id": self.worker_id,
            "state": self.state,
            "revision": self.duty.revision,
            "rate_per_s": self.limits.rate_per_s,
            "merchants": self.limits.merchants,
            "concurrency_max": self.concurrency_max,
            "batch_size_max": self.batch_size_max,
            "granted": dict(self.granted),
            "held": self.held,
            "returned": self.returned,
            "workers_live": self.duty.workers_live,
        }


class Membership:
    """One worker's part in its fleet.

    Args:
        pool: connections to the database.
        redis: a client whose reads may take a second and more; it stays the caller's to close.
        keys: the fleet's keys in Redis.
        rations: this worker's part of the fleet's rates.
        levers: what the worker is steered by.
        surroundings: what it tells of itself.
        options: intervals and deadlines.

    """

    def __init__(
        self,
        pool: Pool,
        redis: Any,
        keys: FleetKeys,
        rations: Rations,
        levers: Levers,
        surroundings: Surroundings,
        options: FleetOptions,
    ) -> None:
        channel = Channel(redis, keys, options.redis_deadline_s)
        self._rations = rations
        self._meter = ReceiveMeter(levers.intake, rations, receives=lambda: not levers.receiving.paused_for)
        self._obeying = Obeying(levers, self._meter)
        self._orders = OrdersInForce(
            pool,
            channel,
            options.worker_id,
            poll_interval_s=options.poll_interval_s,
            read_timeout_s=options.read_timeout_s,
            obey=self._obey,
        )
        self._announcer = Announcer(
            pool, channel, self._compose, options.heartbeat_interval_s, self._obeying.changed
        )
        self._levers = levers
        self._surroundings = surroundings
        self._options = options
        self._phase: str | None = "starting"
        self._counted = (time.monotonic(), 0, 0)

    async def learn(self) -> None:
        """Say that this worker is there, and learn what is ordered, before anything is received.

        Raises:
            StoreError: the orders can't be read. A worker that does not know them must not start.

        """
        await self._announcer.begin()
        await self._orders.read()

    def begin(self) -> list[asyncio.Task[None]]:
        """Obey what was learned, with an intake that is started and receives nothing yet; then keep at it."""
        self._obey(self._orders.duty)
        self._phase = None
        return self._tasks()

    def _obey(self, duty: Duty) -> None:
        self._rations.workers_live = duty.workers_live
        self._obeying.obey(duty)

    def _tasks(self) -> list[asyncio.Task[None]]:
        parts = {
            "orders": self._orders.keep_fresh(),
            "orders-told": self._orders.listen(),
            "obeying": self._obeying.watch(),
            "meter": self._meter.run(),
            "throttle": self._levers.throttle.run(),
            "announcer": self._announcer.run(),
        }
        return [asyncio.create_task(part, name=name) for name, part in parts.items()]

    def stops(self) -> None:
        """Tell that the worker winds down."""
        self._phase = STOPPING
        self._obeying.changed.set()

    async def end(self) -> None:
        """Tell that it ended in order; takes a second at most."""
        self._phase = STOPPED
        await self._announcer.end()

    def figures(self) -> FleetFigures:
        """Give the member as it is now; from any thread."""
        throttle = self._levers.throttle
        return FleetFigures(
            worker_id=self._options.worker_id,
            state=self._phase or self._obeying.state,
            duty=self._obeying.duty,
            concurrency_max=self._obeying.concurrency_max,
            batch_size_max=self._obeying.batch_size_max,
            granted=self._rations.granted,
            bucket_failures=self._rations.failures,
            throttled_s=self._meter.throttled_s,
            held=throttle.held,
            waited=throttle.waited,
            returned=throttle.returned,
            announce_failures=self._announcer.failures,
            read_failures=self._orders.read_failures,
            listen_failures=self._orders.listen_failures,
        )

    def _compose(self) -> Announcement:
        around, levers = self._surroundings, self._levers
        figures, rules = self.figures(), around.rules()
        # The intake has nothing to say before it is started.
        stats = None if self._phase == "starting" else levers.intake.stats()
        received_per_s, rate_per_s = self._rates(stats.received if stats else 0)
        return Announcement(
            worker_id=figures.worker_id,
            version=version("payflow"),
            host=socket.gethostname(),
            pid=os.getpid(),
            started_at=around.started_at,
            heartbeat_interval_s=self._options.heartbeat_interval_s,
            state=figures.state,
            paused_for=levers.receiving.paused_for,
            revision=figures.duty.revision,
            lanes=levers.lanes,
            concurrency_max=figures.concurrency_max,
            batch_size_max=figures.batch_size_max,
            rate_limited=self._meter.rate_per_s is not None,
            in_hand=stats.in_flight if stats else 0,
            held=figures.held,
            polls_active=stats.polls_active if stats else 0,
            received_per_s=received_per_s,
            rate_per_s=rate_per_s,
            rules=len(rules),
            rules_digest=hashlib.sha256("\n".join(sorted(rules)).encode()).hexdigest()[:12],
            breakers={
                name: BreakerTold(state=found.state, reason=found.reason, since=found.since)
                for name, found in around.breakers().items()
            },
            lag_counts=list(read_lags(around.figures.lag_total).counts),
        )

    def _rates(self, received: int) -> tuple[float, float]:
        """Give deliveries received and decided a second since the last time."""
        (before_s, received_before, decided_before) = self._counted
        now_s, decided = time.monotonic(), self._surroundings.figures.decided
        elapsed_s = max(now_s - before_s, 1e-3)
        self._counted = (now_s, received, decided)
        return (
            round((received - received_before) / elapsed_s, 1),
            round((decided - decided_before) / elapsed_s, 1),
        )
