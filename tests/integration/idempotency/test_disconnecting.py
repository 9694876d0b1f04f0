"""Closing a client of a server that hangs is no failure of whoever closes it."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from payflow.embedded import DataDirectory, EmbeddedValkey
from payflow.embedded.process import Limits
from payflow.idempotency import connect, disconnect
from redis.asyncio import Connection
from redis.exceptions import TimeoutError as RedisTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE_S = 10.0


@pytest.fixture
def valkey() -> Iterator[EmbeddedValkey]:
    """A server that may be frozen."""
    with (
        tempfile.TemporaryDirectory(prefix="payflow-test-") as path,
        DataDirectory(Path(path) / "data") as directory,
    ):
        server = EmbeddedValkey(directory, memory_mib=16, limits=Limits(stop_timeout_s=2.0))
        server.start()
        yield server
        for pid in server.pids():
            os.kill(pid, signal.SIGCONT)
        server.stop()


async def test_a_server_that_stands_still_holds_up_nobody(valkey: EmbeddedValkey) -> None:
    client = connect(valkey.endpoint, deadline_s=0.1)
    await client.set("key", "value")
    for pid in valkey.pids():
        os.kill(pid, signal.SIGSTOP)
    async with asyncio.timeout(DEADLINE_S):
        await disconnect(client)


async def test_a_farewell_that_takes_too_long_is_not_raised(
    valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver raises when its own deadline for closing is over, as on a machine that is short of time."""
    client = connect(valkey.endpoint, deadline_s=0.1)
    await client.set("key", "value")
    close = Connection.disconnect
    ended = []

    async def too_late(connection: Connection, *arguments: object, **options: object) -> None:
        await close(connection, *arguments, **options)  # type: ignore[arg-type]
        ended.append(connection)
        raise RedisTimeoutError("Timed out closing connection after 0.1")

    monkeypatch.setattr("redis.asyncio.connection.AbstractConnection.disconnect", too_late)
    await disconnect(client)
    assert len(ended) == 1
