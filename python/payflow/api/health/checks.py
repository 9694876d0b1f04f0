"""Asks each server that the API needs whether it answers, all at once and within a deadline."""

from __future__ import annotations

import asyncio
import importlib.metadata
import time
from typing import TYPE_CHECKING, Final

from payflow.api.health.shapes import Dependency, Health

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from payflow.api.services import Services

CHECK_TIMEOUT_S: Final = 1.8
"""A little more than each check's own deadline, so that it can say what it waited for."""
KEPT_FOR_S: Final = 1.0
"""How long a finding is good: whoever asks more often gets the same."""
DETAIL_LENGTH_MAX: Final = 200
SPARED: Final = frozenset({"redis", "replica", "sqs"})
"""What the API does without: slower, or without what only that server can do."""
VERSION: Final = importlib.metadata.version("payflow")


class HealthChecks:
    """Checks everything, once at a time and once a second at most."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._checking: asyncio.Task[Health] | None = None
        self._until_s = 0.0

    async def health(self) -> Health:
        """Give the state of everything."""
        if self._checking is None or (self._checking.done() and time.monotonic() >= self._until_s):
            self._checking = asyncio.create_task(self._check_all(), name="health")
            self._until_s = time.monotonic() + KEPT_FOR_S
        return await asyncio.shield(self._checking)

    async def aclose(self) -> None:
        """Wait until a check that is under way has ended."""
        if self._checking is not None:
            await asyncio.gather(self._checking, return_exceptions=True)

    async def _check_all(self) -> Health:
        services = self._services

        async def redis() -> None:
            await services.redis.ping()

        checks: dict[str, Callable[[], Awaitable[object]]] = {
            "postgres": services.database.probe,
            "redis": redis,
            "sqs": services.queue.probe,
        }
        if services.replica is not None:
            checks["replica"] = services.replica.database.probe
        found = dict(zip(checks, await asyncio.gather(*map(_check, checks.values())), strict=True))
        failing = {name for name, dependency in found.items() if dependency.status != "ok"}
        return Health(
            status="down" if failing - SPARED else "degraded" if failing else "ok",
            dependencies=found,
            version=VERSION,
            time=services.clock(),
        )


async def _check(check: Callable[[], Awaitable[object]]) -> Dependency:
    started_s = time.perf_counter()
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except Exception as error:  # noqa: BLE001 - whatever it says, the server can't be used
        return Dependency("down", None, (str(error) or type(error).__name__)[:DETAIL_LENGTH_MAX])
    return Dependency("ok", round((time.perf_counter() - started_s) * 1_000, 2), None)
