"""The comparison of `payflow drill` finds right books right, and names what was tampered with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import pytest
from payflow.drill.comparison import CLAIMS, Finding, compare_letters, compare_payments
from payflow.drill.told import PARTS, Told, ToldFiles
from payflow.workload import Workload

from tests.integration.ledger.conftest import EVENTS, MIX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Tamper: TypeAlias = "Callable[..., Any]"

A_FACT = "(SELECT audit_id FROM audit_logs WHERE occurrence = 0 AND verdict = 'apply' ORDER BY 1 LIMIT 1)"
ONCE_MORE = """
INSERT INTO audit_logs
    (payment_id, source, event_id, occurrence, action, verdict, reason, actor, recorded_at)
SELECT payment_id, source, event_id, audit_id, action, verdict, reason, actor, recorded_at
FROM audit_logs WHERE audit_id = {fact}
"""
PARK = """
INSERT INTO parked_events
    (payment_id, source, event_id, kind, operation_id, merchant_id, occurred_at, correlation_id, fingerprint,
     waits_for, parked_at, deadline_at)
SELECT payment_id, source, event_id, 'capture', 'o', 'm', recorded_at, 'c', fingerprint, 'w', recorded_at,
    recorded_at
FROM audit_logs WHERE audit_id = {fact}
"""
QUARANTINE = """
INSERT INTO dead_letters
    (class, reason, payment_id, source, event_id, message_id, receive_count, sent_at, recorded_at, body)
SELECT 'conflict', 'r', payment_id, source, event_id, 'm', 1, recorded_at, recorded_at, 'body'
FROM audit_logs WHERE audit_id = {fact}
"""
EXHAUST = """
INSERT INTO dead_letters (class, reason, message_id, receive_count, sent_at, recorded_at, body)
VALUES ('exhausted', 'store_refused', 'm', 15, now(), now(), 'body')
"""
LIST_AGAIN = """
INSERT INTO dead_letters (class, reason, message_id, receive_count, sent_at, recorded_at, body)
SELECT class, reason, 'another', 1, now(), now(), body FROM dead_letters WHERE class = 'malformed' LIMIT 1
"""
FORGET = """
WITH forgotten AS (
    DELETE FROM dead_letters WHERE class = 'conflict' RETURNING payment_id, source, event_id
)
DELETE FROM alerts USING forgotten
WHERE (alerts.payment_id, alerts.source, alerts.event_id)
    = (forgotten.payment_id, forgotten.source, forgotten.event_id)
"""
UNLIST = """
DELETE FROM dead_letters WHERE dead_letter_id = (
    SELECT min(dead_letter_id) FROM dead_letters WHERE class = 'malformed')
"""
OVERPAY = """
UPDATE payment_transactions SET authorized_minor = authorized_minor + 1
WHERE payment_id = (SELECT min(payment_id) FROM payment_transactions WHERE currency IS NOT NULL)
"""


@pytest.fixture(scope="session")
def told() -> Told:
    """What the books were filled with."""
    return Told.by(Workload(7, MIX).deliveries(EVENTS))


def compare(dsn: str, told: Told, queued: list[bytes] | None = None) -> list[Finding]:
    async def run() -> list[Finding]:
        connection = await asyncpg.connect(dsn)
        try:
            findings = await compare_payments(connection, told)
            return findings + await compare_letters(connection, told, queued)
        finally:
            await connection.close()

    return asyncio.run(run())


def test_books_that_a_workload_filled_are_the_models(books_dsn: str, told: Told) -> None:
    assert compare(books_dsn, told) == []


@pytest.mark.parametrize(
    ("statement", "claims"),
    [
        ("DELETE FROM audit_logs WHERE audit_id = {fact}", {"lost"}),
        (
            "UPDATE audit_logs SET event_id = 'never_sent' WHERE audit_id = {fact}",
            {"lost", "made_up"},
        ),
        (ONCE_MORE, {"applied_twice"}),
        (PARK, {"still_parked"}),
        (QUARANTINE, {"wrongly_quarantined"}),
        (FORGET, {"contradiction_unseen"}),
        (OVERPAY, {"payment_differs"}),
        (UNLIST, {"malformed_unlisted"}),
        (LIST_AGAIN, {"malformed_twice"}),
        (EXHAUST, {"wrongly_dead_lettered"}),
    ],
    ids=lambda value: "-".join(sorted(value)) if isinstance(value, set) else "",
)
def test_each_violation_is_named(
    books_dsn: str, told: Told, tamper: Tamper, statement: str, claims: set[str]
) -> None:
    tamper(statement.replace("{fact}", A_FACT))
    assert {finding.claim for finding in compare(books_dsn, told)} == claims
    assert claims <= CLAIMS.keys()


def test_a_dead_letter_that_was_never_sent_and_one_that_nobody_wrote_down_are_named(
    books_dsn: str, told: Told, tamper: Tamper
) -> None:
    bodies = [bytes(body) for body in tamper("SELECT array_agg(body) FROM dead_letters")[0]]
    assert compare(books_dsn, told, bodies) == []
    missing, strange = bodies[0], b"nobody knows"
    findings = compare(books_dsn, told, [body for body in bodies if body != missing] + [strange])
    assert {finding.claim for finding in findings} == {"dead_letter_unsent", "dead_letter_unlisted"}


def test_what_is_compared_part_by_part_is_what_is_compared_at_once(
    books_dsn: str, told: Told, tamper: Tamper, tmp_path: Path
) -> None:
    tamper(OVERPAY)
    with ToldFiles(tmp_path / "told") as files:
        for delivery in Workload(7, MIX).deliveries(EVENTS):
            files.add(delivery)
    assert files.malformed == told.malformed

    async def run() -> list[Finding]:
        connection = await asyncpg.connect(books_dsn)
        try:
            parts = [await compare_payments(connection, part, name) for name, part in files.parts()]
        finally:
            await connection.close()
        assert len(parts) == len(PARTS)
        return [finding for part in parts for finding in part]

    assert asyncio.run(run()) == compare(books_dsn, told)
