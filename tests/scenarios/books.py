"""Holds what a database says against what a workload told: nothing lost, nothing twice, nothing made up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from payflow import _native
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.ledger import LedgerOptions
from payflow.ledger.reading import Verification, open_snapshot
from payflow.lifecycle import policies_of
from payflow.workload import Expected, expected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payflow.workload import Delivery
    from payflow.workload.draft import Fact

Key: TypeAlias = tuple[str, str, str]
"""What names an event for ever: payment id, source, event id."""

_PAYMENTS = """
SELECT
    payment_id, currency, authorized_minor AS authorized, released_minor AS released,
    captured_minor AS captured, capture_failed_minor AS capture_failed, refunded_minor AS refunded,
    disputed_minor AS disputed,
    capture_pending_minor AS capture_pending, refund_pending_minor AS refund_pending,
    release_pending_minor AS release_pending, status,
    dispute_status AS dispute_state
FROM payment_transactions
"""
_NOT_ONCE = """
SELECT payment_id, source, event_id, count(*) FROM audit_logs WHERE verdict = 'apply'
GROUP BY 1, 2, 3 HAVING count(*) > 1
"""
_FIRST_SIGHTS = "SELECT payment_id, source, event_id FROM audit_logs WHERE occurrence = 0"
_PARKED = "SELECT payment_id, source, event_id FROM parked_events"
_QUARANTINED = (
    "SELECT payment_id, source, event_id FROM dead_letters WHERE class IN ('conflict', 'impossible')"
)
_MALFORMED = "SELECT count(*) FROM dead_letters WHERE class = 'malformed'"
_ALERTED = "SELECT payment_id, source, event_id FROM alerts WHERE verdict IN ('conflict', 'impossible')"


@dataclass
class Told:
    """Everything that was sent: valid facts, facts that contradict their payment, and no facts at all."""

    facts: list[Fact] = field(default_factory=list)
    faulty: list[Fact] = field(default_factory=list)
    malformed: int = 0
    """Messages that are no events."""

    @classmethod
    def by(cls, deliveries: Iterable[Delivery]) -> Told:
        """Sort the deliveries of a workload."""
        told = cls()
        for delivery in deliveries:
            if delivery.fact is None:
                told.malformed += 1
            else:
                (told.faulty if delivery.kind == "faulty" else told.facts).append(delivery.fact)
        return told


async def assert_books_are_right(dsn: str, told: Told) -> None:
    """Demand that the books follow from their trail, and that they say what was told, no more and no less."""
    connection = await asyncpg.connect(dsn)
    try:

        async def keys(statement: str) -> set[Key]:
            return {tuple(row) for row in await connection.fetch(statement)}

        facts, faulty = {_key(fact) for fact in told.facts}, {_key(fact) for fact in told.faulty}
        first_sights = await keys(_FIRST_SIGHTS)
        assert (facts | faulty) - first_sights == set(), "lost"
        assert first_sights - (facts | faulty) == set(), "in the trail, and never sent"
        assert await connection.fetch(_NOT_ONCE) == [], "applied more than once"
        parked, quarantined = await keys(_PARKED), await keys(_QUARANTINED)
        assert parked - faulty == set(), "valid facts still wait"
        assert quarantined - faulty == set(), "valid facts were quarantined"
        assert faulty - parked - quarantined - await keys(_ALERTED) == set(), (
            "faulty facts that did not surface"
        )
        assert await connection.fetchval(_MALFORMED) == told.malformed, (
            "malformed messages are listed once each"
        )
        rows = await connection.fetch(_PAYMENTS)
        assert _differences(rows, told) == []
    finally:
        await connection.close()
    await assert_books_follow_from_trail(dsn)


async def assert_books_follow_from_trail(dsn: str) -> None:
    """Demand what `payflow verify` proves."""
    sources = Sources.load()
    async with open_snapshot(LedgerOptions(dsn=dsn, pool_size=1)) as connection:
        replay = _native.Replay(policies_of(sources))
        decode = Decoder(sources, lambda: datetime.now(UTC)).decode
        proof = await Verification(connection, replay, decode).prove()
    assert proof.differences == []
    assert proof.clean


def _differences(rows: list[Any], told: Told) -> list[tuple[str, object, object]]:
    """List the payments that are not as the oracle has them, as (payment id, in the books, as told)."""
    histories = defaultdict(list)
    for fact in told.facts:
        histories[fact["payment_id"]].append(fact)
    as_told: dict[str, Expected | None] = {fact["payment_id"]: None for fact in told.faulty}
    as_told |= {payment_id: expected(facts) for payment_id, facts in histories.items()}
    booked = {row["payment_id"]: _booked(row) for row in rows}
    return [
        (payment_id, booked.get(payment_id, "missing"), as_told.get(payment_id, "never told"))
        for payment_id in sorted(booked.keys() | as_told.keys())
        if booked.get(payment_id, "missing") != as_told.get(payment_id, "never told")
    ]


def _booked(row: Any) -> Expected | None:
    """Give a payment in the oracle's words; None for one that only anchors facts that wait."""
    if row["currency"] is None:
        return None
    return Expected(**{name: row[name] for name in Expected.__dataclass_fields__})


def _key(fact: Fact) -> Key:
    return fact["payment_id"], fact["source"], fact["event_id"]
