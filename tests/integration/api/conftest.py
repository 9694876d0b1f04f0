"""An API for each test, on the session's PostgreSQL and Valkey."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis
from payflow.embedded import DataDirectory, EmbeddedValkey

from tests.integration.api.books import Books, open_books
from tests.integration.api.harness import Api, api_settings, open_api
from tests.integration.api.queue import Queue, make_queue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx
    from payflow.settings import Settings


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[EmbeddedValkey]:
    """One cache for the session."""
    with (
        tempfile.TemporaryDirectory(prefix="payflow-test-") as path,
        DataDirectory(Path(path) / "data") as directory,
    ):
        server = EmbeddedValkey(directory, memory_mib=64)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def redis_url(valkey_server: EmbeddedValkey) -> str:
    """The address of the cache, empty."""
    with redis.Redis.from_url(valkey_server.endpoint) as client:
        client.flushall()
    return valkey_server.endpoint


@pytest.fixture(scope="session")
def sqs_endpoint() -> Iterator[str]:
    """One local SQS server for the session; it looks at no credentials."""
    program = "from payflow import _native; _native.serve_localsqs(port=0)"
    with subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        _, endpoint_url = process.stdout.readline().split()
        yield endpoint_url
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def queue(sqs_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """A queue and its dead-letter queue, for this test alone."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    return make_queue(sqs_endpoint)


@pytest.fixture
def settings(database_dsn: str, redis_url: str) -> Settings:
    """The settings of this test's API."""
    return api_settings(database_dsn, redis_url)


class MovingClock:
    """The time in UTC, which a test may move on."""

    def __init__(self) -> None:
        self._moved = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._moved

    def move(self, by: timedelta) -> None:
        """Move the time on."""
        self._moved += by


@pytest.fixture
def moving_clock() -> MovingClock:
    """A clock for an API that a test opens itself."""
    return MovingClock()


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[Api]:
    """This test's API."""
    async with open_api(settings) as opened:
        yield opened


@pytest.fixture
async def books(database_dsn: str) -> AsyncIterator[Books]:
    """The ledger behind this test's API, as a worker writes it."""
    opened = await open_books(database_dsn)
    yield opened
    opened.pool.terminate()


@pytest.fixture
async def admin(api: Api) -> httpx.AsyncClient:
    """An administrator at the API."""
    return await api.client("admin")


@pytest.fixture
async def operator(api: Api) -> httpx.AsyncClient:
    """An operator at the API."""
    return await api.client("operator")


@pytest.fixture
async def reader(api: Api) -> httpx.AsyncClient:
    """Somebody who may only read."""
    return await api.client("read_only")


@pytest.fixture
async def nobody(api: Api) -> httpx.AsyncClient:
    """Somebody who is not signed in."""
    return await api.client(None)
