"""One transaction of the ledger: all of it or nothing, and never what the schema forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest
from payflow.errors import StoreRefused, StoreUnavailable

from tests.integration.ledger.transactions import (
    END_OTHER_SESSIONS,
    Desk,
    authorized,
    captured,
    fact,
    open_desk,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TABLES = (
    "payment_transactions",
    "payment_operations",
    "audit_logs",
    "parked_events",
    "alerts",
    "dead_letters",
)


@pytest.fixture
async def desk(database_dsn: str) -> AsyncIterator[Desk]:
    async with open_desk(database_dsn) as opened:
        yield opened


async def test_what_one_transaction_writes_the_next_one_reads(desk: Desk) -> None:
    assert await desk.book([authorized("p"), captured("p", "a", 300)]) == [
        ("apply", "payment_created"),
        ("apply", "applied"),
    ]
    assert await desk.book([captured("p", "b", 700), captured("p", "a", 300)]) == [
        ("apply", "applied"),
        ("duplicate", "event_seen"),
    ]
    row = await desk.payment("p")
    assert (row["authorized_minor"], row["captured_minor"], row["status"], row["version"]) == (
        1_000, 1_000, "captured", 3,
    )  # fmt: skip


async def test_a_fact_that_waits_is_applied_in_the_transaction_that_brings_what_it_waited_for(
    desk: Desk,
) -> None:
    assert await desk.book([captured("p", "a", 300)]) == [("premature", "payment_unknown")]
    assert await desk.look.fetchval("SELECT count(*) FROM parked_events") == 1
    assert (await desk.payment("p"))["currency"] is None
    await desk.book([authorized("p")])
    assert await desk.look.fetchval("SELECT count(*) FROM parked_events") == 0
    row = await desk.payment("p")
    assert (row["captured_minor"], row["status"]) == (300, "partially_captured")


async def test_a_fact_parked_and_freed_in_one_transaction_is_never_stored_as_parked(desk: Desk) -> None:
    assert await desk.book([captured("p", "a", 300), authorized("p")]) == [
        ("premature", "payment_unknown"),
        ("apply", "payment_created"),
    ]
    assert await desk.look.fetchval("SELECT count(*) FROM parked_events") == 0
    assert (await desk.payment("p"))["captured_minor"] == 300


async def test_a_block_that_raises_leaves_nothing_behind(desk: Desk) -> None:
    async def fail_after_writing() -> None:
        async with desk.ledger.transaction() as transaction:
            await desk.write(transaction, await desk.judge(transaction, [authorized("p")]))
            raise StoreRefused("after all was written")

    with pytest.raises(StoreRefused):
        await fail_after_writing()
    for table in TABLES:
        assert await desk.look.fetchval(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608


async def test_a_batch_that_the_database_refuses_leaves_nothing_behind(desk: Desk) -> None:
    await desk.look.execute("ALTER TABLE payment_operations ADD CHECK (operation_id <> 'capture-poison')")
    with pytest.raises(StoreRefused, match="payment_operations"):
        await desk.book([authorized("p"), authorized("q"), captured("q", "poison", 1)])
    for table in TABLES:
        assert await desk.look.fetchval(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608


async def test_a_database_that_ends_the_session_is_unavailable_and_the_next_batch_goes_through(
    desk: Desk,
) -> None:
    async def lose_the_session_before_writing() -> None:
        async with desk.ledger.transaction() as transaction:
            verdicts = await desk.judge(transaction, [authorized("p")])
            await desk.look.execute(END_OTHER_SESSIONS)
            await desk.write(transaction, verdicts)

    with pytest.raises(StoreUnavailable):
        await lose_the_session_before_writing()
    assert await desk.payment("p") is None
    assert await desk.book([authorized("p")]) == [("apply", "payment_created")]


async def test_a_lock_that_is_held_too_long_is_an_outage_and_no_refusal(database_dsn: str) -> None:
    async with open_desk(database_dsn, statement_timeout_ms=200) as desk:
        await desk.book([authorized("p")])
        async with desk.look.transaction():
            await desk.look.execute("SELECT FROM payment_transactions FOR UPDATE")
            with pytest.raises(StoreUnavailable, match="timeout"):
                await desk.book([captured("p", "a", 1)])


@pytest.mark.parametrize(
    ("corruption", "constraint"),
    [
        (
            "released_minor = authorized_minor + 1, overcapture_allowance_minor = 1000",
            "payment_released_within_authorized",
        ),
        ("released_minor = -1", "payment_released_within_authorized"),
        ("captured_minor = authorized_minor + 1", "payment_captured_within_authorized"),
        ("captured_minor = authorized_minor, released_minor = 1", "payment_captured_within_authorized"),
        ("refunded_minor = captured_minor + capture_failed_minor + 1", "payment_refunded_within_captured"),
        ("captured_minor = -1, refunded_minor = -1", "payment_sums_not_negative"),
        ("capture_failed_minor = -1", "payment_sums_not_negative"),
        ("refunded_minor = -1", "payment_sums_not_negative"),
        ("disputed_minor = -1", "payment_sums_not_negative"),
        ("capture_pending_minor = -1", "payment_sums_not_negative"),
        ("refund_pending_minor = -1", "payment_sums_not_negative"),
        ("release_pending_minor = -1", "payment_sums_not_negative"),
        ("overcapture_allowance_minor = -1", "payment_sums_not_negative"),
        ("exponent = 5", "payment_exponent_known"),
    ],
)
async def test_a_corrupted_sum_is_refused_by_its_constraint(
    desk: Desk, corruption: str, constraint: str
) -> None:
    await desk.book([authorized("p"), captured("p", "a", 400), fact("p", "refund.succeeded", "r", 100)])
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await desk.look.execute(f"UPDATE payment_transactions SET {corruption}")  # noqa: S608
    assert refused.value.constraint_name == constraint


async def test_more_returned_than_captured_is_no_corruption(desk: Desk) -> None:
    withdrawn = fact("p", "dispute.funds_withdrawn", "txn", 400)
    refunded = fact("p", "refund.succeeded", "r", 400)
    verdicts = await desk.book([authorized("p"), captured("p", "a", 400), refunded, withdrawn])
    assert {verdict for verdict, _ in verdicts} == {"apply"}
    row = await desk.payment("p")
    assert (row["captured_minor"], row["refunded_minor"], row["disputed_minor"]) == (400, 400, 400)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_logs SET verdict = 'stale'", "DELETE FROM audit_logs", "TRUNCATE audit_logs"]
)
async def test_the_trail_can_only_grow(desk: Desk, statement: str) -> None:
    await desk.book([authorized("p")])
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await desk.look.execute(statement)
