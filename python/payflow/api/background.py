"""What runs beside the calls for as long as the process does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from payflow.api.alerts.waking import wake_alerts
from payflow.api.routing.idempotency import FORGET_BATCH, forget_expired
from payflow.api.transactions.dispatching import dispatch_commands
from payflow.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from payflow.api.services import Services

Task: TypeAlias = "Callable[[Services], Awaitable[None]]"

RESTART_DELAY_S: Final = 1.0
FORGET_INTERVAL_S: Final = 60.0

log = structlog.get_logger(__name__)


async def forget_idempotency_keys(services: Services) -> None:
    """Delete stored replies past their time, a bounded number at once."""
    while True:
        try:
            async with services.database.connection() as connection:
                while await forget_expired(connection, services.clock()) == FORGET_BATCH:
                    pass
        except StoreError as error:
            log.debug("idempotency_keys_kept", reason=str(error))
        await asyncio.sleep(FORGET_INTERVAL_S)


TASKS: Final[tuple[Task, ...]] = (forget_idempotency_keys, wake_alerts, dispatch_commands)
"""Each runs once a process, and is started again when it fails."""


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[None]:
    """Run all tasks until the block ends."""
    tasks = [asyncio.create_task(_kept_up(task, services), name=task.__name__) for task in TASKS]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_up(task: Task, services: Services) -> None:
    while True:
        try:
            await task(services)
        except Exception:
            log.exception("background_task_failed", task=task.__name__)
        await asyncio.sleep(RESTART_DELAY_S)
