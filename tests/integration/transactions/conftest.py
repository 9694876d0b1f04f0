"""An API whose payments come from facts that a worker would have applied."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from payflow.api.transactions.dispatching import DISPATCHER_LOCK

from tests.integration.api.conftest import redis_url, valkey_server
from tests.integration.api.harness import api_settings, open_api
from tests.integration.ledger.transactions import open_desk
from tests.integration.transactions.counter import Counter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.settings import Settings

__all__ = ["redis_url", "valkey_server"]


@pytest.fixture
def settings(database_dsn: str, redis_url: str) -> Settings:
    """Settings with a queue for commands that nobody made: they are taken, and wait to be sent."""
    settings = api_settings(
        database_dsn,
        redis_url,
        # What is tried here is who wins, not how long the others may wait on a busy machine.
        connect_timeout_ms=30_000,
        statement_timeout_ms=30_000,
        request_timeout_s=60.0,
    )
    commands = dataclasses.replace(settings.commands, queue_name="commands-of-a-test")
    return dataclasses.replace(settings, commands=commands)


@pytest.fixture
async def counter(settings: Settings) -> AsyncIterator[Counter]:
    """Operators at the API, and facts beside it."""
    async with open_desk(settings.postgres.required_dsn) as desk:
        # As another process would that is elected to dispatch: what is taken here stays in the outbox.
        await desk.look.execute("SELECT pg_advisory_lock($1)", DISPATCHER_LOCK)
        async with open_api(settings) as api:
            yield Counter(desk, await api.client("operator"), api)
