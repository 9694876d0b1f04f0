"""A pipeline on a real database and a real cache, fed with batches by hand."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from payflow.decoding import Decoder
from payflow.embedded import DataDirectory, EmbeddedValkey
from payflow.events import Sources
from payflow.idempotency import SeenMarks, SeenOptions, connect
from payflow.ledger import Ledger, LedgerOptions, open_pool
from payflow.lifecycle import policies_of
from payflow.pipeline import Pipeline, RetryPolicy, Stages
from payflow.telemetry.figures import Figures
from payflow.worker.rules_in_force import RulesInForce, plant_seed_rules

from tests.integration.pipeline.line import Line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[EmbeddedValkey]:
    """One cache for the session; marks carry the identity of their books."""
    with (
        tempfile.TemporaryDirectory(prefix="payflow-test-") as path,
        DataDirectory(Path(path) / "data") as directory,
    ):
        server = EmbeddedValkey(directory, memory_mib=64)
        server.start()
        yield server
        server.stop()


@pytest.fixture
async def line(database_dsn: str, valkey_server: EmbeddedValkey) -> AsyncIterator[Line]:
    """A pipeline wired as a worker wires it."""
    sources = Sources.load()

    def clock() -> datetime:
        return datetime.now(UTC)

    pool = await open_pool(LedgerOptions(dsn=database_dsn, pool_size=4))
    cache = connect(valkey_server.endpoint, deadline_s=1.0)
    look = await asyncpg.connect(database_dsn)
    try:
        ledger = Ledger(pool, policies_of(sources), clock, "test")
        await plant_seed_rules(pool)
        rules = RulesInForce(pool, refresh_interval_s=60.0)
        await rules.refresh()
        seen = SeenMarks(cache, SeenOptions(deadline_s=1.0), time.monotonic)
        stages = Stages(decoder=Decoder(sources, clock), seen=seen, ledger=ledger, rules=rules.current)
        figures = Figures()
        pipeline = Pipeline(stages, await ledger.ledger_id(), figures, RetryPolicy())
        yield Line(pipeline, figures, seen, look, database_dsn)
    finally:
        await look.close()
        await cache.aclose()
        pool.terminate()
