"""What runs beside the calls for as long as the process does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from payflow.api.alerts.waking import wake_alerts
from payflow.api.auth.sessions import FORGET_BATCH as SESSIONS_BATCH
from payflow.api.auth.sessions import forget_sessions
from payflow.api.dashboard.rolling import keep_rolled
from payflow.api.dead_letters.replays import run_replays
from payflow.api.routing.idempotency import FORGET_BATCH, forget_expired
from payflow.api.stream.access import keep_access_checked
from payflow.api.stream.hub import keep_streaming
from payflow.api.transactions.dispatching import dispatch_commands
from payflow.cancellation import cancel_surely
from payflow.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from payflow.api.services import Services

Task: TypeAlias = "Callable[[Services], Awaitable[None]]"

RESTART_DELAY_S: Final = 1.0
FORGET_INTERVAL_S: Final = 60.0

log = structlog.get_logger(__name__)


async def forget_what_is_over(services: Services) -> None:
    """Delete stored replies, sessions and links that ended long enough ago, a bounded number at once."""
    while True:
        for forget, most in ((forget_expired, FORGET_BATCH), (forget_sessions, SESSIONS_BATCH)):
            try:
                forgotten = most
                while forgotten == most:
                    async with services.database.connection() as connection:
                        forgotten = await forget(connection, services.clock())
            except StoreError as error:
                log.debug("not_forgotten_yet", reason=str(error))
        await asyncio.sleep(FORGET_INTERVAL_S)


async def settle_budgets(services: Services) -> None:
    """Keep the counts of calls in step with those of other processes."""
    await services.calls.keep_settled()


async def watch_replica(services: Services) -> None:
    """Know how far the read replica is behind, if there is one."""
    if services.replica is None:
        await asyncio.Event().wait()
    else:
        await services.replica.watch()


async def watch_loop(services: Services) -> None:
    """Know how late the event loop is."""
    await services.loop_watch.run()


async def hear_access_news(services: Services) -> None:
    """Listen for changes of what sessions may do."""
    await services.auth.news.listen()


TASKS: Final[tuple[Task, ...]] = (
    hear_access_news,
    settle_budgets,
    watch_replica,
    watch_loop,
    forget_what_is_over,
    wake_alerts,
    run_replays,
    keep_rolled,
    keep_streaming,
    keep_access_checked,
    dispatch_commands,
)
"""Each runs once a process, and is started again when it fails."""


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[None]:
    """Run all tasks until the block ends."""
    tasks = [asyncio.create_task(_kept_up(task, services), name=task.__name__) for task in TASKS]
    try:
        yield
    finally:
        await cancel_surely(tasks)


async def _kept_up(task: Task, services: Services) -> None:
    while True:
        try:
            await task(services)
        except Exception:
            log.exception("background_task_failed", task=task.__name__)
        await asyncio.sleep(RESTART_DELAY_S)
