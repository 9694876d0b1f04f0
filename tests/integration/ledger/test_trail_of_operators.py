"""What operators did stands in the trail, can't be changed, and is no part of the proof of the books."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from payflow import _native
from payflow.ledger import LedgerOptions
from payflow.ledger.reading import Verification, open_snapshot
from payflow.ledger.trail import record_action

from tests.integration.quarantine.yard import authorized, open_yard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import Databases
    from tests.integration.quarantine.yard import Yard

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
async def yard(database_dsn: str) -> AsyncIterator[Yard]:
    async with open_yard(database_dsn) as opened:
        yield opened


async def record(yard: Yard, **more: Any) -> int:
    what: dict[str, Any] = {"action": "payment.noted", "subject_kind": "payment", "subject_id": "p"} | more
    async with yard.pool.acquire() as connection, connection.transaction():
        return await record_action(connection, actor="user:ada@example.com", now=NOON, **what)


async def test_an_action_is_one_row_that_says_who_what_and_why(yard: Yard) -> None:
    details = {"from": {"title": None}, "to": {"title": "ünïcode"}}
    audit_id = await record(
        yard, payment_id="p", note="asked by phone", details=details, correlation_id="corr-1"
    )
    [row] = await yard.look.fetch("SELECT * FROM audit_logs")
    told = {name: value for name, value in row.items() if value is not None and name != "details"}
    assert told == {
        "audit_id": audit_id,
        "occurrence": audit_id,
        "payment_id": "p",
        "action": "payment.noted",
        "actor": "user:ada@example.com",
        "subject_kind": "payment",
        "subject_id": "p",
        "note": "asked by phone",
        "correlation_id": "corr-1",
        "recorded_at": NOON,
    }
    assert json.loads(row["details"]) == details


async def test_the_books_are_proved_past_what_operators_did(yard: Yard) -> None:
    await yard.book(authorized("p"))
    for payment_id in ("p", "not-in-the-books", None):
        await record(yard, payment_id=payment_id)
    async with open_snapshot(LedgerOptions(dsn=yard.dsn, pool_size=1)) as connection:
        replay = _native.Replay(yard.policies)
        proof = await Verification(connection, replay, yard.decoder.decode).prove()
    assert (proof.clean, proof.payments, proof.audit_rows) == (True, 1, 1)


async def test_a_delivery_after_an_action_on_its_payment_is_still_its_first_sight(yard: Yard) -> None:
    await record(yard, payment_id="p")
    assert await yard.book(authorized("p")) == [("apply", "payment_created")]
    assert await yard.differences() == []


async def test_an_action_goes_with_the_transaction_that_does_it(yard: Yard) -> None:
    async def fail(connection: Any) -> None:
        async with connection.transaction():
            await record_action(
                connection,
                action="rule.deleted",
                actor="user:ada",
                subject_kind="rule",
                subject_id="r",
                now=NOON,
            )
            raise LookupError

    async with yard.pool.acquire() as connection:
        with pytest.raises(LookupError):
            await fail(connection)
    assert await yard.rows("SELECT count(*) FROM audit_logs") == [(0,)]


@pytest.mark.parametrize("statement", ["UPDATE audit_logs SET note = 'x'", "DELETE FROM audit_logs"])
async def test_an_action_can_not_be_changed(yard: Yard, statement: str) -> None:
    await record(yard)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await yard.look.execute(statement)


async def test_a_row_is_a_whole_delivery_or_an_action_and_nothing_else(yard: Yard) -> None:
    insert = (
        "INSERT INTO audit_logs (occurrence, action, actor, recorded_at, {}) VALUES (0, 'a', 'b', now(), {})"
    )
    for columns, values in (
        ("payment_id", "'p'"),
        ("payment_id, source, event_id, verdict", "'p', 's', 'e', 'apply'"),
        ("subject_kind", "'payment'"),
        ("subject_kind, subject_id, verdict", "'payment', 'p', 'apply'"),
    ):
        with pytest.raises(asyncpg.CheckViolationError, match="audit_row_is_delivery_or_action"):
            await yard.look.execute(insert.format(columns, values))


async def test_what_was_recorded_before_this_release_moves_into_the_trail(databases: Databases) -> None:
    dsn = await asyncio.to_thread(databases.create, "template0")
    scripts = sorted((files("payflow.ledger.migrations") / "sql").iterdir(), key=lambda script: script.name)
    old, new = scripts[:5], scripts[5]
    assert new.name == "0006_console.sql"
    connection = await asyncpg.connect(dsn)
    try:
        for script in old:
            await connection.execute(script.read_text())
        await connection.execute(
            """
            INSERT INTO dead_letters (class, reason, message_id, receive_count, sent_at, recorded_at, body)
            VALUES ('malformed', 'not_json', 'm', 1, now(), now(), '{');
            INSERT INTO operator_actions (
                action, dead_letter_id, payment_id, source, event_id, actor, note, recorded_at)
            VALUES
                ('letter_replayed', 1, NULL, NULL, NULL, 'operator:ada', '', now()),
                ('fact_linked', NULL, 'p', 's', 'e', 'operator:bob', 'wrong reference', now())
            """
        )
        await connection.execute(new.read_text())
        rows = await connection.fetch(
            "SELECT action, subject_kind, subject_id, payment_id, actor, note FROM audit_logs ORDER BY 1"
        )
    finally:
        await connection.close()
    assert [tuple(row) for row in rows] == [
        ("dead_letter.replayed", "dead_letter", "1", None, "operator:ada", None),
        ("parked_fact.linked", "parked_fact", "p/s/e", "p", "operator:bob", "wrong reference"),
    ]
