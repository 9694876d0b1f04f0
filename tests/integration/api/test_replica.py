"""A read replica: used for lists while it is close behind, and never by whoever has just written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest
from payflow.api.database import Database, DatabaseOptions
from payflow.api.replica import Replica
from payflow.breakers.breakers import Breakers

from tests.integration.api.harness import Api, api_settings, idempotent, open_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.conftest import Databases

LIST = "/transactions"


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def replica_dsn(databases: Databases) -> Iterator[str]:
    """A second database in the place of a replica, so that one can tell which of the two was asked."""
    dsn = databases.create(databases.migrated)
    yield dsn
    databases.drop(dsn)


@pytest.fixture
async def copied(replica_dsn: str, database_dsn: str, redis_url: str) -> AsyncIterator[Api]:
    """An API whose replica holds something else."""
    async with open_api(api_settings(database_dsn, redis_url, replica_dsn=replica_dsn, cache_ttl_s=0)) as api:
        assert api.services.replica is not None
        await api.services.replica.compare()
        yield api


async def create(api: Api, payment_id: str, who: str = "ada") -> None:
    client = await api.client("operator", who)
    body = {"payment_id": payment_id, "merchant_id": "m", "currency": "EUR", "amount_minor": 100}
    assert (await client.post(LIST, json=body, headers=idempotent())).status_code == 201


async def listed(api: Api, who: str) -> list[str]:
    client = await api.client("operator", who)
    return [item["payment_id"] for item in (await client.get(LIST)).json()["items"]]


async def test_who_has_written_reads_from_the_primary_and_others_from_the_replica(copied: Api) -> None:
    await listed(copied, "bob")
    await create(copied, "p1", "ada")
    assert await listed(copied, "ada") == ["p1"]
    assert await listed(copied, "bob") == []


async def test_without_redis_everybody_reads_from_the_primary(replica_dsn: str, database_dsn: str) -> None:
    settings = api_settings(
        database_dsn, "redis://127.0.0.1:1/0", redis_deadline_ms=100, replica_dsn=replica_dsn
    )
    async with open_api(settings) as api:
        await create(api, "p1", "ada")
        assert await listed(api, "bob") == ["p1"], "who has written where can't be told"


async def test_a_replica_that_is_away_is_done_without(database_dsn: str, redis_url: str) -> None:
    settings = api_settings(
        database_dsn, redis_url, replica_dsn="postgresql://payflow@127.0.0.1:1/nowhere", cache_ttl_s=0
    )
    async with open_api(settings) as api:
        await create(api, "p1", "ada")
        assert await listed(api, "bob") == ["p1"]
        root = "http://127.0.0.1:8080"
        health = (await api.anonymous().get(f"{root}/health")).json()
        assert health["status"] == "degraded"
        assert health["dependencies"]["replica"]["status"] == "down"
        assert (await api.anonymous().get(f"{root}/readyz")).status_code == 200


async def test_a_replica_is_used_only_while_it_is_known_to_be_close_behind(database_dsn: str) -> None:
    clock = Clock()
    breakers = Breakers(clock, lambda: None)  # type: ignore[arg-type, return-value]
    primary = Database(DatabaseOptions(database_dsn, name="primary"), breakers.add("primary"))
    copy = Database(DatabaseOptions(database_dsn, name="copy"), breakers.add("copy"))
    for database in (primary, copy):
        await database.open()
    try:
        replica = Replica(copy, primary, lag_max_s=5.0, clock_s=clock)
        assert not replica.usable(), "nothing is known yet"
        await replica.compare()
        assert replica.usable()
        clock.now_s += 4.9
        assert replica.usable()
        clock.now_s += 0.2
        assert not replica.usable(), "what was known is too old to go by"
        await replica.compare()
        assert replica.usable()
    finally:
        for database in (primary, copy):
            await database.close(1.0)


async def test_a_replica_that_lags_is_left_alone_until_it_has_caught_up(database_dsn: str) -> None:
    clock = Clock()
    breakers = Breakers(clock, lambda: None)  # type: ignore[arg-type, return-value]
    database = Database(DatabaseOptions(database_dsn), breakers.add("postgres"))
    await database.open()

    class Behind(Replica):
        """A replica that has replayed as much as the test says."""

        replayed = 0

        async def replayed_to(self) -> int:
            return self.replayed

    try:
        replica = Behind(database, database, lag_max_s=5.0, clock_s=clock)
        await replica.compare()
        assert not replica.usable(), "it has replayed nothing of what is written"
        connection = await asyncpg.connect(database_dsn)
        Behind.replayed = await connection.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
        await connection.close()
        clock.now_s += 1
        await replica.compare()
        assert replica.usable()
    finally:
        await database.close(1.0)
