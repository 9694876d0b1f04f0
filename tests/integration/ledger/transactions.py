"""Ledger transactions step by step, for tests that hold one open while another one works."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson
from payflow import _native
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.ledger import Ledger, LedgerOptions, open_pool
from payflow.lifecycle import policies_of
from payflow.rules import Rule, Severity, compile_rules

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from payflow.ledger import DeadLetterRow
    from payflow.ledger.ledger import LedgerTransaction
    from payflow.workload.draft import Fact

DEADLINE_S = 20.0
END_OTHER_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
ALWAYS = 'event.id != ""'
SOURCES = Sources.load()
DECODER = Decoder(SOURCES, lambda: datetime(2027, 1, 1, tzinfo=UTC))


class Desk:
    """A ledger on one database, and a connection of its own to look at it with."""

    def __init__(self, ledger: Ledger, look: Any, rule_id: int) -> None:
        self.ledger = ledger
        self.look = look
        self._rules = compile_rules(
            [Rule(rule_id=rule_id, name="everything", version=1, severity=Severity.INFO, condition=ALWAYS)]
        )

    async def book(self, facts: Sequence[Fact]) -> list[tuple[str, str]]:
        """Run one batch as the pipeline does; give each fact's verdict and reason."""
        async with self.ledger.transaction() as transaction:
            verdicts = await self.judge(transaction, facts)
            await self.write(transaction, verdicts)
        return [verdicts.verdict(index) for index in range(len(verdicts))]

    async def judge(self, transaction: LedgerTransaction, facts: Sequence[Fact]) -> _native.Verdicts:
        """Lock, read and judge."""
        decoded = DECODER.decode([orjson.dumps(fact) for fact in facts])
        assert decoded.malformed == []
        events = _native.Events(decoded.events, decoded.payloads)
        payments = await transaction.lock(events, bytes(len(events)))
        return _native.apply(events, payments, self.ledger.policies)

    async def write(
        self,
        transaction: LedgerTransaction,
        verdicts: _native.Verdicts,
        dead_letters: Sequence[DeadLetterRow] = (),
    ) -> None:
        """Write what was judged; a rule that always fires gives every event an alert."""
        await transaction.write(verdicts, _native.evaluate(self._rules, verdicts), dead_letters)

    async def deadlocks(self) -> int:
        """Count the deadlocks that the server had to end on this database."""
        await self.look.execute("SELECT pg_stat_force_next_flush()")
        statement = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(await self.look.fetchval(statement))

    async def payment(self, payment_id: str) -> Any:
        """Read the row of one payment."""
        return await self.look.fetchrow(
            "SELECT * FROM payment_transactions WHERE payment_id = $1", payment_id
        )


async def until_waiting(look: Any) -> None:
    """Wait until a session on this database waits for another one's lock."""
    async with asyncio.timeout(DEADLINE_S):
        while not await look.fetchval(WAITING):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.005)


@asynccontextmanager
async def open_desk(dsn: str, *, statement_timeout_ms: int = 10_000) -> AsyncIterator[Desk]:
    """Open a ledger for tests; its clock stands still."""
    pool = await open_pool(LedgerOptions(dsn=dsn, pool_size=4, statement_timeout_ms=statement_timeout_ms))
    look = await asyncpg.connect(dsn)
    try:
        rule_id = await look.fetchval(
            "INSERT INTO rules (name, version, condition, severity, created_by) "
            "VALUES ('everything', 1, $1, 'info', 'test') RETURNING rule_id",
            ALWAYS,
        )
        yield Desk(Ledger(pool, policies_of(SOURCES), lambda: datetime.now(UTC), "test"), look, rule_id)
    finally:
        await look.close()
        pool.terminate()


def authorized(payment_id: str, amount_minor: int = 1_000) -> Fact:
    """An authorization that creates the payment."""
    return fact(payment_id, "authorization.succeeded", f"auth-{payment_id}", amount_minor)


def captured(payment_id: str, name: str, amount_minor: int) -> Fact:
    """A capture of a part."""
    return fact(payment_id, "capture.succeeded", f"capture-{name}", amount_minor)


def fact(payment_id: str, kind: str, operation_id: str, amount_minor: int) -> Fact:
    """One fact; its event id follows from what it says."""
    return {
        "event_id": f"{kind}-{operation_id}-{amount_minor}",
        "source": "stripe",
        "type": kind,
        "payment_id": payment_id,
        "operation_id": operation_id,
        "merchant_id": "m_1",
        "amount": {"value": amount_minor, "currency": "EUR", "exponent": 2},
        "occurred_at": "2026-11-22T10:00:00Z",
    }
