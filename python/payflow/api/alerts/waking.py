"""Ends snoozes when their time is over, for lists that are open and for the record."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from payflow.api.alerts.triage import WOKEN_AT_ONCE_MAX, wake
from payflow.errors import StoreError

if TYPE_CHECKING:
    from payflow.api.services import Services

WAKE_INTERVAL_S: Final = 2.0

log = structlog.get_logger(__name__)


async def wake_alerts(services: Services) -> None:
    """Wake for ever. All API processes do; each alert is woken by one of them."""
    while True:
        try:
            async with services.database.connection() as connection:
                while await wake(connection, services.clock()) == WOKEN_AT_ONCE_MAX:
                    pass
        except StoreError as error:
            log.debug("alerts_not_woken", reason=str(error))
        await asyncio.sleep(WAKE_INTERVAL_S)
