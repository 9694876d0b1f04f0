"""A read replica, used while it is known to be close enough behind the primary."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import structlog

from payflow.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.api.database import Database

INTERVAL_S: Final = 1.0

_SQL = files("payflow.api") / "sql"
_WRITTEN: Final = (_SQL / "written_to.sql").read_text()
_REPLAYED: Final = (_SQL / "replayed_to.sql").read_text()

log = structlog.get_logger(__name__)


class Replica:
    """Compares the two servers' places in the write-ahead log once a second.

    Args:
        database: the replica.
        primary: what it follows.
        lag_max_s: how far it may be behind.
        clock_s: monotonic seconds.

    """

    def __init__(
        self,
        database: Database,
        primary: Database,
        lag_max_s: float,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.database = database
        self._primary = primary
        self._lag_max_s = lag_max_s
        self._clock_s = clock_s
        self._written: deque[tuple[float, int]] = deque()
        self._fresh_until_s = 0.0

    def usable(self) -> bool:
        """Tell whether reads may go there."""
        return self.database.breaker.closed and self._clock_s() < self._fresh_until_s

    async def watch(self) -> None:
        """Compare until cancelled."""
        while True:
            try:
                await self.compare()
            except StoreError as error:
                log.debug("replica_not_compared", reason=str(error))
            await asyncio.sleep(INTERVAL_S)

    async def compare(self) -> None:
        """Look how far both are: the replica is fresh while it lacks nothing that is older than allowed.

        Raises:
            StoreError: one of them does not answer.

        """
        async with self._primary.connection() as connection:
            self._written.append((self._clock_s(), await connection.fetchval(_WRITTEN)))
        replayed = await self.replayed_to()
        # Whatever the primary had written by then is here; nothing newer is promised.
        seen_at_s = None
        while self._written and self._written[0][1] <= replayed:
            seen_at_s = self._written.popleft()[0]
        if seen_at_s is not None:
            self._fresh_until_s = seen_at_s + self._lag_max_s
        while self._written and self._written[0][0] < self._clock_s() - self._lag_max_s:
            self._written.popleft()

    async def replayed_to(self) -> int:
        """Ask the replica for its place in the log, in bytes.

        Raises:
            StoreError: it does not answer.

        """
        async with self.database.connection() as connection:
            replayed: int = await connection.fetchval(_REPLAYED)
        return replayed
