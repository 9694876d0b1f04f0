"""Where fleet commands work: the database that has the orders, and the Redis that passes them on."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from payflow.cli.books import now
from payflow.errors import StoreUnavailable
from payflow.fleet import Channel, FleetKeys, OrderRefused, read_fleet
from payflow.fleet.announcing import fleets_heard_of
from payflow.fleet.reading import read_announced
from payflow.idempotency import connect, disconnect
from payflow.ledger.faults import as_store_errors
from payflow.ledger.session import open_session
from payflow.settings import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.fleet import Fleet, Worker
    from payflow.ledger.pool import Connection
    from payflow.settings import Settings

REDIS_DEADLINE_S = 0.5
"""A command may wait a little longer than a batch."""


@dataclass(frozen=True)
class Desk:
    """One fleet, opened for one command."""

    connection: Connection | None
    channel: Channel | None
    trouble: str | None = None
    """Why there is no database."""

    @property
    def known(self) -> Connection:
        """The database; only for a desk that was opened with one."""
        if self.connection is None:
            raise StoreUnavailable(self.trouble or "there is no database")
        return self.connection

    async def fleet(self) -> Fleet:
        """Read the fleet."""
        return await read_fleet(self.known, self.channel, deadline_s=REDIS_DEADLINE_S)

    async def announced(self) -> list[Worker]:
        """Give the workers as Redis has them."""
        return [] if self.channel is None else await read_announced(self.channel, now())

    async def worker_named(self, text: str) -> str:
        """Give the id of the live worker that is meant.

        Raises:
            OrderRefused: none is, or several are.

        """
        live = [worker.worker_id for worker in (await self.fleet()).live]
        meant = [name for name in live if name == text] or [name for name in live if text in name]
        if len(meant) == 1:
            return meant[0]
        rule = (
            f"{len(meant)} live workers have {text!r} in their ids" if meant else f"no worker {text} is live"
        )
        raise OrderRefused(("/worker_id", f"--worker: {rule}; live are: {', '.join(live) or 'none'}"))


@asynccontextmanager
async def open_desk(*, needs_database: bool = True) -> AsyncIterator[Desk]:
    """Open the fleet that the settings name.

    Args:
        needs_database: whether a database that is away is an error; if not, what Redis knows has to do.

    Raises:
        SettingsInvalid: a setting is wrong or lacking.
        StoreUnavailable, StoreOutdated: the database can't be used.

    """
    settings = load()
    async with AsyncExitStack() as stack:
        redis = _redis(settings, stack)
        try:
            connection = await _connection(settings, stack)
            with as_store_errors():
                keys = await FleetKeys.of(connection)
        except StoreUnavailable as error:
            if needs_database or redis is None:
                raise
            fleets = await fleets_heard_of(redis, REDIS_DEADLINE_S)
            if len(fleets) != 1:
                raise
            yield Desk(None, Channel(redis, fleets[0], REDIS_DEADLINE_S), str(error))
            return
        channel = None if redis is None else Channel(redis, keys, REDIS_DEADLINE_S)
        with as_store_errors():
            yield Desk(connection, channel)


def _redis(settings: Settings, stack: AsyncExitStack) -> Any:
    """Give a client; None where no Redis is set."""
    if settings.redis.url is None:
        return None
    redis = connect(settings.redis.url, deadline_s=REDIS_DEADLINE_S)
    stack.push_async_callback(disconnect, redis)
    return redis


async def _connection(settings: Settings, stack: AsyncExitStack) -> Connection:
    return await stack.enter_async_context(open_session(settings.postgres.ledger_options()))
