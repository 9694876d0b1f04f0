"""Several workers on the same payments at READ COMMITTED: they take turns, and each sees whole batches."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from payflow.errors import StoreRefused
from payflow.ledger import DeadLetterRow, LedgerRaced

from tests.integration.ledger.transactions import (
    DEADLINE_S,
    Desk,
    authorized,
    captured,
    open_desk,
    until_waiting,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.workload.draft import Fact

ROUNDS = 10
MANY = 400
"""Rows enough that two statements are under way at the same time."""


@pytest.fixture
async def desk(database_dsn: str) -> AsyncIterator[Desk]:
    async with open_desk(database_dsn) as opened:
        yield opened


async def book_until_first(desk: Desk, facts: list[Fact]) -> list[tuple[str, str]]:
    """Run a batch as the pipeline does: again when another worker was first."""
    while True:
        try:
            return await desk.book(facts)
        except LedgerRaced:
            continue


async def test_the_second_transaction_on_a_payment_waits_and_then_sees_what_the_first_one_did(
    desk: Desk,
) -> None:
    await desk.book([authorized("p", 1_000)])
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
        async with desk.ledger.transaction() as first:
            verdicts = await desk.judge(first, [captured("p", "a", 700)])
            second = group.create_task(desk.book([captured("p", "b", 700)]))
            await until_waiting(desk.look)
            await desk.write(first, verdicts)
        # On what it could see at its start the second capture would fit as well.
        assert await second == [("premature", "capture_exceeds_authorized")]
    assert (await desk.payment("p"))["captured_minor"] == 700


async def test_an_event_in_two_transactions_at_once_is_applied_by_one_and_a_duplicate_for_the_other(
    desk: Desk,
) -> None:
    await desk.book([authorized("p")])
    event = [captured("p", "a", 700)]
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
        async with desk.ledger.transaction() as first:
            verdicts = await desk.judge(first, event)
            second = group.create_task(desk.book(event))
            await until_waiting(desk.look)
            await desk.write(first, verdicts)
        assert await second == [("duplicate", "event_seen")]
    row = await desk.payment("p")
    assert (row["captured_minor"], row["version"]) == (700, 2)


async def test_two_that_create_a_payment_race_and_the_loser_runs_again_cleanly(desk: Desk) -> None:
    facts = [authorized("p"), captured("p", "a", 700)]
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
        async with desk.ledger.transaction() as first:
            # Neither finds a row to lock, so both judge on an empty payment.
            verdicts = await desk.judge(first, facts)
            await desk.write(first, verdicts)
            second = group.create_task(raced(desk, facts))
            await until_waiting(desk.look)
        await second
    assert await desk.book(facts) == [("duplicate", "event_seen")] * 2
    row = await desk.payment("p")
    assert (row["authorized_minor"], row["captured_minor"], row["version"]) == (1_000, 700, 2)


async def test_when_the_first_that_creates_a_payment_fails_the_second_goes_through(desk: Desk) -> None:
    written, failing = asyncio.Event(), asyncio.Event()

    async def write_and_fail() -> None:
        async with desk.ledger.transaction() as transaction:
            await desk.write(transaction, await desk.judge(transaction, [authorized("p")]))
            written.set()
            await failing.wait()
            raise StoreRefused("after all was written")

    async with asyncio.timeout(DEADLINE_S):
        first = asyncio.create_task(write_and_fail())
        await written.wait()
        second = asyncio.create_task(desk.book([authorized("p"), captured("p", "a", 1)]))
        await until_waiting(desk.look)
        failing.set()
        with pytest.raises(StoreRefused):
            await first
        assert await second == [("apply", "payment_created"), ("apply", "applied")]


async def test_a_fact_and_what_it_waits_for_in_two_transactions_at_once_leave_nothing_parked(
    desk: Desk,
) -> None:
    for number in range(ROUNDS):
        payment_id = f"p{number}"
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(
                book_until_first(desk, [captured(payment_id, "a", 700)]),
                book_until_first(desk, [authorized(payment_id)]),
            )
        assert (await desk.payment(payment_id))["captured_minor"] == 700
    assert await desk.look.fetchval("SELECT count(*) FROM parked_events") == 0


@pytest.mark.parametrize("exist", [True, False], ids=["known payments", "new payments"])
async def test_the_same_payments_in_opposite_orders_never_deadlock(desk: Desk, exist: bool) -> None:
    """Every event raises an alert here, so that alerts too are written in one order."""
    for number in range(ROUNDS):
        payment_ids = [f"p{number}-{part}" for part in range(MANY)]
        facts = [authorized(payment_id) for payment_id in payment_ids]
        if exist:
            await desk.book(facts)
            facts = [captured(payment_id, payment_id, 100) for payment_id in payment_ids]
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(book_until_first(desk, facts), book_until_first(desk, facts[::-1]))
    versions = await desk.look.fetch("SELECT version, count(*) FROM payment_transactions GROUP BY 1")
    assert [tuple(row) for row in versions] == [(2 if exist else 1, ROUNDS * MANY)]
    assert await desk.deadlocks() == 0


async def test_dead_letters_that_come_to_two_workers_in_opposite_orders_never_deadlock(desk: Desk) -> None:
    for number in range(ROUNDS):
        rows = [letter(f"message-{number}-{part}") for part in range(MANY)]

        async def insert(rows: list[DeadLetterRow]) -> None:
            async with desk.ledger.transaction() as transaction:
                verdicts = await desk.judge(transaction, [])
                await desk.write(transaction, verdicts, rows)

        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(insert(rows), insert(rows[::-1]))
    assert await desk.look.fetchval("SELECT count(*) FROM dead_letters") == ROUNDS * MANY
    assert await desk.deadlocks() == 0


async def raced(desk: Desk, facts: list[Fact]) -> None:
    with pytest.raises(LedgerRaced):
        await desk.book(facts)


def letter(message_id: str) -> DeadLetterRow:
    return DeadLetterRow(
        klass="malformed",
        reason="not_json",
        path="$",
        rule="the body must be JSON",
        payment_id=None,
        source=None,
        event_id=None,
        correlation_id=None,
        message_id=message_id,
        receive_count=1,
        sent_at_ms=0,
        body=b"{",
    )
