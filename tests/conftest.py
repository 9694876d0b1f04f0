"""A real PostgreSQL for every test that wants one: one server a session, one throw-away database a test."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from payflow.embedded import DataDirectory, EmbeddedPostgres
from payflow.ledger.migrations import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator


class Databases:
    """Makes databases on the session's server, each a copy of another one."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._numbers = itertools.count(1)
        self.migrated = self.create("template0")
        """An empty database with this release's schema; copy it, don't change it."""
        upgrade(self.migrated)

    def create(self, template: str) -> str:
        """Copy a database, named or given by its URL, that nobody is connected to; give the copy's URL."""
        name = f"test_{next(self._numbers)}"
        template = template.partition("@/")[2].partition("?")[0] or template
        asyncio.run(self._execute(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return self._endpoint.replace("@/payflow?", f"@/{name}?")

    def drop(self, dsn: str) -> None:
        """Remove a database, and end whoever is still connected to it."""
        name = dsn.partition("@/")[2].partition("?")[0]
        asyncio.run(self._execute(f"DROP DATABASE {name} WITH (FORCE)"))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._endpoint)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """One embedded PostgreSQL for the session, with a data directory of its own."""
    # Not pytest's temporary folder: when root runs the tests, PostgreSQL is another account, and that folder
    # keeps others out.
    path = Path(tempfile.mkdtemp(prefix="payflow-test-"))
    path.chmod(0o711)
    with DataDirectory(path / "data") as directory:
        server = EmbeddedPostgres(directory)
        server.start()
        yield server
        server.stop()
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def databases(postgres_server: EmbeddedPostgres) -> Databases:
    """Copies of databases for tests that prepare one and use it many times."""
    return Databases(postgres_server.endpoint)


@pytest.fixture
def database_dsn(databases: Databases) -> Iterator[str]:
    """The URL of an empty, migrated database that this test may do anything to."""
    dsn = databases.create(databases.migrated)
    yield dsn
    databases.drop(dsn)
