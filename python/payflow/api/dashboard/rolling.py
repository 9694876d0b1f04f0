"""Keeps the rollups rolling: one API process of all, elected by an advisory lock.

The lock is held on the very connection that does the work, so a roller that lost it can't write any more.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from payflow.errors import StoreError
from payflow.fleet import read_fleet
from payflow.ledger import LedgerRaced
from payflow.ledger.rollups import record_lags, roll
from payflow.ledger.session import elected
from payflow.ledger.settled import Settling
from payflow.telemetry.lag_steps import LagSteps

if TYPE_CHECKING:
    from payflow.api.services import Services
    from payflow.ledger.pool import Connection

__all__ = ["ROLLER_LOCK", "keep_rolled"]

ROLLER_LOCK: Final = 5_021_947_006
"""Key of the advisory lock that lets one roller work at a time; any number that nobody else uses."""
INTERVAL_S: Final = 1.0
ELECTION_INTERVAL_S: Final = 5.0
PASSES_A_LOOK_AT_LAGS: Final = 3
"""Workers say what they counted every three seconds."""

log = structlog.get_logger(__name__)


async def keep_rolled(services: Services) -> None:
    """Roll for ever; a database that is away only delays it."""
    while True:
        try:
            await _roll_while_elected(services)
        except (StoreError, LedgerRaced) as error:
            log.warning("rollup_delayed", reason=str(error))
        await asyncio.sleep(ELECTION_INTERVAL_S)


async def _roll_while_elected(services: Services) -> None:
    """Roll as long as this process holds the lock; return at once if another one has it."""
    async with elected(services.settings.postgres.ledger_options(), ROLLER_LOCK) as connection:
        if connection is not None:
            await _keep_rolling(services, connection)


async def _keep_rolling(services: Services, connection: Connection) -> None:
    settling, lags, passes = Settling[tuple[int, int]](), LagSteps(), 0
    while True:
        await roll(connection, settling, services.clock)
        if passes % PASSES_A_LOOK_AT_LAGS == 0:
            await _take_lags(services, connection, lags)
        passes += 1
        await asyncio.sleep(INTERVAL_S)


async def _take_lags(services: Services, connection: Connection, lags: LagSteps) -> None:
    """Add what workers counted since the last look."""
    fleet = await read_fleet(connection, None)
    new = lags.step({worker.worker_id: worker.lag_counts for worker in fleet.workers})
    if new is not None:
        await record_lags(connection, new, services.clock())
