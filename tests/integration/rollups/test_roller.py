"""The rollups are what the books and the trail say, however they were rolled."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest
from payflow.ledger.dead_letters import insert_dead_letters
from payflow.ledger.rollups import RollOptions, record_lags, roll
from payflow.ledger.settled import Settling

from tests.integration.quarantine.yard import Yard, authorized, captured, fact, letter, open_yard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STATUSES = "SELECT status, payments FROM rollup_statuses WHERE payments <> 0"
MONEY = """
SELECT currency, exponent::integer, sum(captured_minor), sum(refunded_minor), sum(disputed_minor)
FROM rollup_money WHERE step_s = 3600 GROUP BY 1, 2 HAVING sum(captured_minor) <> 0
"""
VERDICTS = "SELECT verdict, sum(deliveries), sum(rejudged) FROM rollup_verdicts WHERE step_s = $1 GROUP BY 1"


@pytest.fixture
async def yard(database_dsn: str) -> AsyncIterator[Yard]:
    async with open_yard(database_dsn) as opened:
        yield opened


AT_ONCE = RollOptions(work_share=1.0)


async def rolled(yard: Yard, options: RollOptions = AT_ONCE) -> Settling[tuple[int, int]]:
    """Roll until nothing is left."""
    settling = Settling[tuple[int, int]]()
    async with yard.pool.acquire() as connection:
        await roll(connection, settling, yard.clock, options)
        while (await roll(connection, settling, yard.clock, options)).behind:
            pass
    return settling


async def some_books(yard: Yard) -> None:
    """Facts of every kind that moves money, some of them before what they need, some twice."""
    sale = fact("s", "sale.succeeded", "sale-s", 900)
    await yard.book(captured("early", "c", 300), authorized("p"), captured("p"), sale)
    await yard.book(authorized("early"), captured("p"), fact("p", "refund.succeeded", "r", 200))
    await yard.book(
        fact("p", "refund.failed", "r", 200),
        fact("s", "dispute.funds_withdrawn", "d", 900, dispute={"stage": "chargeback", "status": "opened"}),
        fact("early", "capture.failed", "c-early", 300),
        fact("late", "refund.succeeded", "r", 10),
    )


async def test_statuses_and_money_are_what_the_payments_have(yard: Yard) -> None:
    await some_books(yard)
    await rolled(yard)
    standing = "SELECT status, count(*) FROM payment_transactions WHERE currency IS NOT NULL GROUP BY 1"
    assert await yard.rows(STATUSES + " ORDER BY 1") == await yard.rows(standing + " ORDER BY 1")
    sums = """
        SELECT currency, exponent::integer, sum(captured_minor), sum(refunded_minor), sum(disputed_minor)
        FROM payment_transactions WHERE currency IS NOT NULL GROUP BY 1, 2
    """
    assert await yard.rows(MONEY) == await yard.rows(sums)
    assert (await yard.rows(MONEY))[0][2:] == (1_600, 0, 900)


@pytest.mark.parametrize("step_s", [10, 60, 3600])
async def test_each_delivery_is_counted_once_by_its_verdict(yard: Yard, step_s: int) -> None:
    await some_books(yard)
    await rolled(yard)
    counted = {
        verdict: (deliveries, again) for verdict, deliveries, again in await yard.rows(VERDICTS, step_s)
    }
    assert counted == {"apply": (8, 1), "premature": (2, 0), "duplicate": (1, 0)}


async def test_the_index_of_the_trail_knows_each_value_and_the_times_of_each_block(yard: Yard) -> None:
    await some_books(yard)
    yard.clock.move(hours=1)
    await yard.look.execute("SELECT setval('audit_logs_audit_id_seq', 5000)")
    await yard.book(fact("p", "capture.succeeded", "late", 1))
    await rolled(yard)
    blocks = "SELECT block, to_at - from_at < interval '1 minute' FROM audit_blocks ORDER BY 1"
    assert await yard.rows(blocks) == [(0, True), (9, True)]
    for facet in ("action", "source", "verdict", "actor"):
        there = f"SELECT DISTINCT {facet}, audit_id >> 9 FROM audit_logs"  # noqa: S608
        known = await yard.rows("SELECT value, block FROM audit_facets WHERE facet = $1", facet)
        assert Counter(known) == Counter(await yard.rows(there))


async def test_steps_of_any_size_come_to_the_same(yard: Yard) -> None:
    await some_books(yard)
    await rolled(yard)
    told = ("SELECT * FROM rollup_verdicts", "SELECT * FROM rollup_money", STATUSES)
    at_once = [Counter(await yard.rows(rows)) for rows in told]
    await yard.look.execute("TRUNCATE rollup_verdicts, rollup_money, rollup_statuses")
    await yard.look.execute("UPDATE rollup_state SET audit_id = 0")
    await rolled(yard, RollOptions(rows_a_time=1, transactions_max=3, work_share=1.0))
    assert [Counter(await yard.rows(rows)) for rows in told] == at_once


async def test_a_row_that_is_committed_after_rows_with_higher_ids_is_counted(yard: Yard) -> None:
    late = await asyncpg.connect(yard.dsn)
    settling = Settling[tuple[int, int]]()
    try:
        async with yard.pool.acquire() as connection:
            slow = late.transaction()
            await slow.start()
            await late.execute("SELECT pg_current_xact_id()")
            drawn = await late.fetchval("SELECT nextval('audit_logs_audit_id_seq')")
            await yard.book(authorized("p"))
            for _ in range(3):
                await roll(connection, settling, yard.clock)
            assert await yard.rows("SELECT audit_id FROM rollup_state") == [(0,)]
            await late.execute(
                """
                INSERT INTO audit_logs (
                    audit_id, payment_id, source, event_id, occurrence, action, verdict, reason, actor,
                    recorded_at)
                OVERRIDING SYSTEM VALUE VALUES ($1, 'p', 's', 'e', 0, 'refund.failed', 'stale', 'r', 'w', $2)
                """,
                drawn,
                yard.clock(),
            )
            await slow.commit()
            for _ in range(3):
                await roll(connection, settling, yard.clock)
    finally:
        await late.close()
    assert await yard.rows(VERDICTS + " ORDER BY 1", 60) == [("apply", 1, 0), ("stale", 1, 0)]


async def test_two_rollers_at_once_count_nothing_twice(yard: Yard) -> None:
    await some_books(yard)
    small = RollOptions(rows_a_time=2, work_share=1.0)
    await asyncio.gather(rolled(yard, small), rolled(yard, small))
    [(deliveries,)] = await yard.rows("SELECT sum(deliveries) FROM rollup_verdicts WHERE step_s = 60")
    assert deliveries == 11


async def test_what_operators_did_is_no_delivery(yard: Yard) -> None:
    await yard.look.execute(
        """
        INSERT INTO audit_logs (audit_id, occurrence, action, actor, recorded_at, subject_kind, subject_id)
        OVERRIDING SYSTEM VALUE
        SELECT n, n, 'rule.updated', 'user:ada', now(), 'rule', 'r'
        FROM nextval('audit_logs_audit_id_seq') AS n
        """
    )
    await rolled(yard)
    assert await yard.rows("SELECT * FROM rollup_verdicts") == []
    assert await yard.rows("SELECT audit_id FROM rollup_state") == [(1,)]


async def test_malformed_and_exhausted_deliveries_are_counted_from_the_dead_letters(yard: Yard) -> None:
    rows = [letter("1", b"{", klass="malformed"), letter("2", b"{"), letter("3", b"{}", klass="conflict")]
    async with yard.pool.acquire() as connection:
        await insert_dead_letters(connection, rows, yard.clock())
    await rolled(yard)
    assert await yard.rows(VERDICTS + " ORDER BY 1", 60) == [("exhausted", 1, 0), ("malformed", 1, 0)]


async def test_old_steps_go_and_coarse_ones_stay(yard: Yard) -> None:
    await yard.book(authorized("p"))
    await rolled(yard)
    yard.clock.move(days=2)
    await yard.book(authorized("q"))
    await rolled(yard)
    steps = "SELECT step_s, count(*) FROM rollup_verdicts GROUP BY 1 ORDER BY 1"
    assert await yard.rows(steps) == [(10, 1), (60, 2), (3600, 2)]


async def test_a_long_absence_is_caught_up_without_the_fine_steps_of_then(yard: Yard) -> None:
    await yard.book(authorized("p"))
    yard.clock.move(days=10)
    await rolled(yard)
    assert await yard.rows("SELECT step_s FROM rollup_verdicts") == [(3600,)]
    assert await yard.rows(STATUSES) == [("authorized", 1)]


async def test_lags_of_several_workers_add_up(yard: Yard) -> None:
    at = yard.clock()
    async with yard.pool.acquire() as connection:
        for counts, later in (([1, 2, 0], 0), ([0, 5, 7], 5), ([1, 1, 1], 70)):
            await record_lags(connection, counts, at + timedelta(seconds=later))
    rows = "SELECT at - $1::timestamptz, counts FROM rollup_lags WHERE step_s = 60 ORDER BY at"
    assert await yard.rows(rows, at) == [(timedelta(0), [1, 7, 7]), (timedelta(seconds=60), [1, 1, 1])]
