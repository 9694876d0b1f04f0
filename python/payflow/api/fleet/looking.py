"""The way to the fleet: the database that has its orders, and the Redis that passes them on."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from payflow.fleet import Channel, FleetKeys, read_fleet

if TYPE_CHECKING:
    from payflow.fleet import Fleet
    from payflow.ledger.pool import Connection

__all__ = ["FleetLook"]

DEADLINE_S: Final = 0.3
"""How long Redis may take; without it the fleet is told from the database."""


class FleetLook:
    """One fleet. Its keys are those of the books, which are read once."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._channel: Channel | None = None

    async def channel(self, connection: Connection) -> Channel:
        """Give the channel to the workers."""
        if self._channel is None:
            self._channel = Channel(self._redis, await FleetKeys.of(connection), DEADLINE_S)
        return self._channel

    async def read(self, connection: Connection) -> Fleet:
        """Read what is ordered and who is there."""
        return await read_fleet(connection, await self.channel(connection), deadline_s=DEADLINE_S)

    async def tell(self, revision: int) -> None:
        """Make the workers look at once; without, they look by themselves within seconds."""
        with suppress(Exception):
            if self._channel is not None:
                await self._channel.tell(revision)
