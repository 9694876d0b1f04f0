"""Books with parked facts and dead letters, a clock that the test moves, and a look at what comes of them."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
from payflow import _native
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.ledger import DeadLetterRow, Ledger, LedgerOptions, open_pool
from payflow.ledger.reading import Difference, Verification, open_snapshot
from payflow.ledger.rules import enabled_rules
from payflow.lifecycle import policies_of
from payflow.rules import Rule, Severity, compile_rules
from payflow.worker.rules_in_force import plant_seed_rules
from payflow.worker.sweeper import Sweeper, SweepOptions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.ledger.pool import Pool

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCES = Sources.load()
OPERATOR = "operator:ada"


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class Yard:
    """One database, seen as the worker, the sweeper and an operator see it."""

    dsn: str
    pool: Pool
    look: Any
    rules: _native.RuleSet
    clock: Clock = field(default_factory=Clock)
    policies: _native.Policies = field(default_factory=lambda: policies_of(SOURCES))

    @property
    def decoder(self) -> Decoder:
        return Decoder(SOURCES, self.clock)

    async def book(self, *facts: dict[str, Any]) -> list[tuple[str, str]]:
        """Deliver facts in one batch, as a worker does; give each one's verdict and reason."""
        ledger = Ledger(self.pool, self.policies, self.clock, "worker")
        decoded = self.decoder.decode([json.dumps(fact).encode() for fact in facts])
        assert decoded.malformed == []
        events = _native.Events(decoded.events, decoded.payloads)
        async with ledger.transaction() as transaction:
            payments = await transaction.lock(events, bytes(len(events)))
            verdicts = _native.apply(events, payments, self.policies)
            await transaction.write(verdicts, _native.evaluate(self.rules, verdicts))
        return [verdicts.verdict(index) for index in range(len(facts))]

    def sweeper(self, options: SweepOptions | None = None) -> Sweeper:
        return Sweeper(
            self.policies, lambda: self.rules, self.decoder, self.clock, "sweeper", options or SweepOptions()
        )

    async def differences(self) -> list[Difference]:
        """Prove the books; give what differs."""
        async with open_snapshot(LedgerOptions(dsn=self.dsn, pool_size=1)) as connection:
            replay = _native.Replay(self.policies)
            proof = await Verification(connection, replay, self.decoder.decode).prove()
        return list(proof.differences)

    async def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.look.fetch(statement, *parameters)]


@asynccontextmanager
async def open_yard(dsn: str) -> AsyncIterator[Yard]:
    pool = await open_pool(LedgerOptions(dsn=dsn, pool_size=2))
    look = await asyncpg.connect(dsn)
    try:
        await plant_seed_rules(pool)
        await look.execute("UPDATE rules SET created_at = $1", NOON - timedelta(days=1))
        rows = await enabled_rules(pool)
        rules = compile_rules(
            [
                Rule(rule_id=number, name=name, version=version, severity=Severity(severity), condition=text)
                for number, name, version, severity, text in rows
            ]
        )
        yield Yard(dsn, pool, look, rules)
    finally:
        await look.close()
        pool.terminate()


def fact(payment_id: str, kind: str, operation_id: str, amount_minor: int, **more: object) -> dict[str, Any]:
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
        **more,
    }


def authorized(payment_id: str, amount_minor: int = 1_000) -> dict[str, Any]:
    return fact(payment_id, "authorization.succeeded", f"auth-{payment_id}", amount_minor)


def captured(payment_id: str, name: str = "c", amount_minor: int = 700) -> dict[str, Any]:
    return fact(payment_id, "capture.succeeded", f"{name}-{payment_id}", amount_minor)


def letter(message_id: str, body: bytes, **more: Any) -> DeadLetterRow:
    """A dead letter that nobody has looked at."""
    plain: dict[str, Any] = {
        "klass": "exhausted",
        "reason": "receives_exhausted",
        "path": None,
        "rule": None,
        "payment_id": None,
        "source": "stripe",
        "event_id": None,
        "correlation_id": None,
        "message_id": message_id,
        "receive_count": 15,
        "sent_at_ms": 0,
        "body": body,
    }
    return DeadLetterRow(**plain | more)
