"""A fleet's database and Redis, and workers that are only words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from payflow.fleet import Announcement, Channel, FleetKeys, announce
from payflow.fleet.announcing import speak
from redis.asyncio import Redis

from tests.scenarios.conftest import valkey

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.embedded import EmbeddedValkey
    from payflow.ledger.pool import Connection

__all__ = ["valkey"]

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
DEADLINE_S = 5.0


@pytest.fixture
async def connection(database_dsn: str) -> AsyncIterator[Connection]:
    opened = await asyncpg.connect(database_dsn)
    yield opened
    await opened.close()


@pytest.fixture
async def redis(valkey: EmbeddedValkey) -> AsyncIterator[Redis]:
    client = Redis.from_url(valkey.endpoint)
    yield client
    await client.aclose()


@pytest.fixture
async def channel(connection: Connection, redis: Redis) -> Channel:
    return Channel(redis, await FleetKeys.of(connection), DEADLINE_S)


def announcement(worker_id: str = "worker:a:1", **told: Any) -> Announcement:
    """Give the words of a worker."""
    plain: dict[str, Any] = {
        "worker_id": worker_id,
        "version": "0.1.0",
        "host": "a",
        "pid": 1,
        "started_at": NOW,
        "heartbeat_interval_s": 3.0,
        "state": "running",
        "paused_for": [],
        "revision": 0,
        "lanes": 2,
        "concurrency_max": 2,
        "batch_size_max": 500,
    }
    return Announcement(**plain | told)


async def say(connection: Connection, channel: Channel, *, silent_for_s: float = 0.0, **told: Any) -> None:
    """Let a worker announce itself everywhere, so long ago."""
    words = announcement(**told)
    await announce(connection, words, stopped=words.state == "stopped")
    await speak(channel.redis, channel.keys, words, DEADLINE_S)
    if silent_for_s:
        await connection.execute(
            "UPDATE fleet_workers SET seen_at = seen_at - $2 * interval '1 second' WHERE worker_id = $1",
            words.worker_id,
            silent_for_s,
        )
        at_ms = float(await channel.redis.hget(channel.keys.seen, words.worker_id) or 0)
        await channel.redis.hset(channel.keys.seen, words.worker_id, at_ms - silent_for_s * 1_000)
