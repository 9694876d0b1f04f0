"""Payments, alerts and dead letters on the API's database, delivered as a worker delivers them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from payflow import _native
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.ledger import Ledger, LedgerOptions, open_pool
from payflow.lifecycle import policies_of
from payflow.worker.rules_in_force import RulesInForce, plant_seed_rules

if TYPE_CHECKING:
    from payflow.ledger.pool import Pool

SOURCES = Sources.load()


def utc_now() -> datetime:
    return datetime.now(UTC)


class Books:
    """The ledger of a test, with the seeded rules in force."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._rules = RulesInForce(pool, refresh_interval_s=3_600)
        self._ledger = Ledger(pool, policies_of(SOURCES), utc_now, "worker:test:1")
        self._decoder = Decoder(SOURCES, utc_now)

    async def book(self, *facts: dict[str, Any]) -> list[tuple[str, str]]:
        """Deliver facts in one batch; give each one's verdict and reason."""
        decoded = self._decoder.decode([json.dumps(fact).encode() for fact in facts])
        assert decoded.malformed == []
        events = _native.Events(decoded.events, decoded.payloads)
        async with self._ledger.transaction() as transaction:
            payments = await transaction.lock(events, bytes(len(events)))
            verdicts = _native.apply(events, payments, self._ledger.policies)
            await transaction.write(verdicts, _native.evaluate(self._rules.current(), verdicts))
        return [verdicts.verdict(index) for index in range(len(facts))]

    async def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        async with self.pool.acquire() as connection:
            return [tuple(row) for row in await connection.fetch(statement, *parameters)]

    async def refresh_rules(self) -> None:
        await self._rules.refresh()


async def open_books(dsn: str) -> Books:
    pool = await open_pool(LedgerOptions(dsn=dsn, pool_size=2))
    await plant_seed_rules(pool)
    books = Books(pool)
    await books.refresh_rules()
    return books
