"""The proxy before a real PostgreSQL: what becomes of a commit that gets no answer."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from payflow.embedded import DataDirectory
from payflow.faults import FaultsFailed, Proxied, Switches, proxied_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def proxied(database_dsn: str) -> Iterator[Proxied]:
    """A proxy before this test's database."""
    with (
        tempfile.TemporaryDirectory(prefix="payflow-test-") as path,
        DataDirectory(Path(path) / "data") as directory,
    ):
        through = proxied_postgres(directory, database_dsn)
        yield through
        through.stop()


async def insert(dsn: str, number: int) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("INSERT INTO told VALUES ($1)", number)
    finally:
        connection.terminate()


async def told(dsn: str) -> list[int]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row[0] for row in await connection.fetch("SELECT number FROM told ORDER BY number")]
    finally:
        await connection.close()


async def test_a_commit_is_lost_before_it_takes_effect_or_after(database_dsn: str, proxied: Proxied) -> None:
    connection = await asyncpg.connect(database_dsn)
    await connection.execute("CREATE TABLE told (number integer)")
    await connection.close()
    proxied.proxy.turn(Switches(lost_commits=1))
    with pytest.raises((asyncpg.PostgresConnectionError, ConnectionError)):
        await insert(proxied.endpoint, 1)
    proxied.proxy.turn(Switches(unanswered_commits=1))
    with pytest.raises((asyncpg.PostgresConnectionError, ConnectionError)):
        await insert(proxied.endpoint, 2)
    await insert(proxied.endpoint, 3)
    assert await told(database_dsn) == [2, 3]
    counts = proxied.proxy.counts()
    assert (counts.lost_commits, counts.unanswered_commits, counts.accepted) == (1, 1, 3)


async def test_a_refusing_proxy_lets_nobody_in_until_it_is_told_to(proxied: Proxied) -> None:
    proxied.proxy.turn(Switches(refusing=True))
    with pytest.raises(OSError, match="refused"):
        await asyncpg.connect(proxied.endpoint)
    proxied.proxy.turn(Switches())
    await (await asyncpg.connect(proxied.endpoint)).close()


def test_switches_that_make_no_sense_are_refused_by_name(proxied: Proxied) -> None:
    with pytest.raises(FaultsFailed, match="delay_ms: must be from 0"):
        proxied.proxy.turn(Switches(delay_ms=-1))


def test_a_proxy_whose_process_is_gone_says_so(proxied: Proxied) -> None:
    proxied.proxy.process.stop()
    with pytest.raises(FaultsFailed, match="PostgreSQL proxy does not answer"):
        proxied.proxy.cut()
