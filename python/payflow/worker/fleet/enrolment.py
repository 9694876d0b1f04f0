"""Makes a worker a member of its fleet: from the settings to parts that fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payflow.fleet.buckets import Rations, SharedBuckets
from payflow.fleet.channel import WAIT_MS, WAIT_SLACK_S, FleetKeys
from payflow.idempotency import connect, disconnect
from payflow.pipeline import Throttle, ThrottleOptions
from payflow.worker.fleet.membership import FleetOptions, Membership

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AsyncExitStack

    from payflow.intake import Intake
    from payflow.ledger.pool import Pool
    from payflow.settings import Settings
    from payflow.telemetry.figures import Figures
    from payflow.worker.fleet.membership import Surroundings
    from payflow.worker.fleet.obeying import Levers

CONNECTIONS_MAX = 8
"""To Redis, apart from those of the marks: one listens, the others come and go."""


class Enrolment:
    """What a member needs of Redis, before there is anything to steer."""

    def __init__(self, settings: Settings, ledger_id: str, worker_id: str, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._worker_id = worker_id
        self._keys = FleetKeys(ledger_id)
        self._deadline_s = settings.redis.deadline_ms / 1_000
        # A client of its own: listening takes longer than any call for marks may.
        self._redis: Any = connect(
            settings.redis.required_url,
            deadline_s=WAIT_MS / 1_000 + WAIT_SLACK_S,
            connections_max=CONNECTIONS_MAX,
        )
        stack.push_async_callback(disconnect, self._redis)
        self._rations = Rations(SharedBuckets(self._redis, self._keys, worker_id, self._deadline_s))

    def throttle(self, intake: Intake, figures: Figures) -> Throttle:
        """Make what keeps back events of merchants over their rate."""

        def give_back(tokens: Sequence[int], delays_s: Sequence[int]) -> None:
            intake.retry(tokens, delays_s)
            figures.waits.add(delays_s)

        fleet, queue = self._settings.fleet, self._settings.queue
        options = ThrottleOptions(
            # Whatever is set, the others keep half of the room.
            held_max=min(fleet.merchant_held_max, queue.in_flight_max // 2),
            hold_max_s=fleet.merchant_hold_max_s,
            released_max=queue.batch_size_max,
        )
        return Throttle(self._rations.turns, give_back, options)

    def join(self, pool: Pool, levers: Levers, surroundings: Surroundings) -> Membership:
        """Put the member together."""
        fleet, postgres = self._settings.fleet, self._settings.postgres
        options = FleetOptions(
            worker_id=self._worker_id,
            poll_interval_s=fleet.poll_interval_s,
            heartbeat_interval_s=fleet.heartbeat_interval_s,
            read_timeout_s=postgres.connect_timeout_s,
            redis_deadline_s=self._deadline_s,
        )
        return Membership(pool, self._redis, self._keys, self._rations, levers, surroundings, options)
