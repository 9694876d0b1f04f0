"""Strikes: each lane's faults on the servers, proxies and workers of a site, begun and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.drill.kinds import Lane
from payflow.drill.strikes.crew_strikes import CrewStrikes
from payflow.drill.strikes.postgres_strikes import PostgresStrikes
from payflow.drill.strikes.queue_strikes import QueueStrikes
from payflow.drill.strikes.strike import Strikes
from payflow.drill.strikes.valkey_strikes import ValkeyStrikes

if TYPE_CHECKING:
    from payflow.drill.options import DrillOptions
    from payflow.drill.plan import Injection
    from payflow.drill.site import Standing

__all__ = ["AllStrikes", "Strikes"]


class AllStrikes:
    """The faults of all lanes on one site."""

    def __init__(self, standing: Standing, options: DrillOptions) -> None:
        settings = standing.settings
        self._queue = QueueStrikes(
            standing.queue, standing.sqs_proxy, options.seed, always=options.every_fault
        )
        postgres = PostgresStrikes(standing.postgres, standing.postgres_proxy, settings.postgres.required_dsn)
        valkey = ValkeyStrikes(standing.valkey, standing.valkey_proxy, settings.redis.required_url)
        self._lanes: dict[Lane, Strikes] = {
            Lane.MESSAGES: self._queue,
            Lane.CALLS: self._queue,
            Lane.POSTGRES: postgres,
            Lane.VALKEY: valkey,
            Lane.WORKER: CrewStrikes(standing.crew),
        }

    def open(self) -> None:
        """Switch on what is on all the time."""
        self._queue.open()

    def begin(self, injection: Injection) -> None:
        """See `Strikes.begin`."""
        self._lanes[injection.kind.lane].begin(injection)

    def end(self, injection: Injection) -> str:
        """See `Strikes.end`."""
        return self._lanes[injection.kind.lane].end(injection)

    def tend(self) -> None:
        """See `Strikes.tend`.

        Raises:
            DrillFailed: when a worker ended by itself.

        """
        for strikes in self._lanes.values():
            strikes.tend()

    def heal(self) -> None:
        """See `Strikes.heal`."""
        for strikes in self._lanes.values():
            strikes.heal()
