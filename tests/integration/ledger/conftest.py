"""Books that a workload filled through the real pipeline, copied for each test."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.intake.contract import Batch
from payflow.ledger import Ledger, LedgerOptions, open_pool
from payflow.lifecycle import policies_of
from payflow.pipeline import Pipeline, RetryPolicy, Stages
from payflow.telemetry.figures import Figures
from payflow.worker.rules_in_force import RulesInForce, plant_seed_rules
from payflow.workload import Mix, Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Databases

EVENTS = 4_000
BATCH_SIZE = 60
MIX = Mix(duplicates=0.1, late=0.2, faulty=0.02, envelopes=0.05, bad=0.01)


class NothingMarked:
    """Idempotency marks that know nothing, as after a flush."""

    async def unseen(self, keys: list[bytes], fingerprints: list[bytes]) -> list[int]:
        return list(range(len(keys)))

    async def mark(self, keys: list[bytes], fingerprints: list[bytes]) -> None:
        return None


@pytest.fixture(scope="session")
def filled_dsn(databases: Databases) -> str:
    """Books with late, duplicate and faulty deliveries in them; copy them, don't change them."""
    dsn = databases.create(databases.migrated)
    asyncio.run(_fill(dsn))
    return dsn


@pytest.fixture
def books_dsn(databases: Databases, filled_dsn: str) -> Iterator[str]:
    """A copy of the filled books that this test may tamper with."""
    dsn = databases.create(filled_dsn)
    yield dsn
    databases.drop(dsn)


@pytest.fixture
def tamper(books_dsn: str) -> Callable[..., Any]:
    """Run one statement on the books, past the trigger that keeps the trail; gives its first row."""

    def run(statement: str, *parameters: object) -> Any:
        async def execute() -> Any:
            connection = await asyncpg.connect(books_dsn)
            try:
                await connection.execute("ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_append_only")
                return await connection.fetchrow(statement, *parameters)
            finally:
                await connection.close()

        return asyncio.run(execute())

    return run


@pytest.fixture
def fill() -> Callable[..., None]:
    """Fill a database with a stream of its own, cut into batches of a size."""

    def run(dsn: str, *, events: int, batch_size: int, mix: Mix) -> None:
        asyncio.run(_fill(dsn, events, batch_size, mix))

    return run


async def _fill(dsn: str, events: int = EVENTS, batch_size: int = BATCH_SIZE, mix: Mix = MIX) -> None:
    sources = Sources.load()
    pool = await open_pool(LedgerOptions(dsn=dsn, pool_size=1))
    try:
        rules = RulesInForce(pool, refresh_interval_s=3_600)
        await plant_seed_rules(pool)
        await rules.refresh()
        ledger = Ledger(pool, policies_of(sources), _clock, "test")
        stages = Stages(
            decoder=Decoder(sources, _clock), seen=NothingMarked(), ledger=ledger, rules=rules.current
        )
        figures = Figures()
        pipeline = Pipeline(stages, await ledger.ledger_id(), figures, RetryPolicy())
        bodies = (delivery.body for delivery in Workload(7, mix).deliveries(events))
        first = 0
        while batch := list(islice(bodies, batch_size)):
            outcomes = await pipeline.process(_batch(batch, first))
            assert not outcomes.retries
            first += len(batch)
        assert figures.rejudged["apply"] > 0
        assert figures.verdicts["conflict"] > 0
        assert figures.verdicts["impossible"] > 0
    finally:
        await pool.close()


def _batch(bodies: list[bytes], first: int) -> Batch:
    numbers = range(first, first + len(bodies))
    return Batch(
        lane=0,
        tokens=[number + 1 for number in numbers],
        bodies=bodies,
        message_ids=[f"message-{number}" for number in numbers],
        receive_counts=[1] * len(bodies),
        sent_at_ms=[0] * len(bodies),
        received_at_ms=[0] * len(bodies),
    )


def _clock() -> datetime:
    return datetime.now(UTC)
