"""What PostgreSQL and its driver raise gets the right fate, and broken connections are replaced."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest
from payflow.errors import StoreRefused, StoreUnavailable
from payflow.ledger import DeadLetterRow, LedgerOptions, LedgerStalled, prove_writable

from tests.integration.ledger.transactions import (
    END_OTHER_SESSIONS,
    Desk,
    authorized,
    captured,
    open_desk,
    until_waiting,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CONNECTIONS = 4


@pytest.fixture
async def desk(database_dsn: str) -> AsyncIterator[Desk]:
    async with open_desk(database_dsn) as opened:
        yield opened


def letter(**changed: object) -> DeadLetterRow:
    values: dict[str, object] = {
        "klass": "exhausted", "reason": "store_refused", "path": None, "rule": "r", "payment_id": "p",
        "source": "s", "event_id": "e", "correlation_id": "c", "message_id": "m", "receive_count": 3,
        "sent_at_ms": 1, "body": b"{}",
    }  # fmt: skip
    return DeadLetterRow(**values | changed)  # type: ignore[arg-type]


async def test_a_row_that_somebody_holds_is_a_stall_and_leaves_a_connection_that_works(
    database_dsn: str,
) -> None:
    async with open_desk(database_dsn, statement_timeout_ms=300) as desk:
        await desk.book([authorized("p")])
        async with desk.look.transaction():
            await desk.look.execute("SELECT FROM payment_transactions FOR UPDATE")
            with pytest.raises(LedgerStalled):
                await desk.book([captured("p", "a", 1)])
        assert await desk.book([captured("p", "a", 1)]) == [("apply", "applied")]


async def test_sessions_that_were_ended_are_each_replaced_once_connections_are_renewed(desk: Desk) -> None:
    await asyncio.gather(*(desk.book([authorized(f"p{place}")]) for place in range(CONNECTIONS)))
    await desk.look.execute(END_OTHER_SESSIONS)
    await desk.ledger.renew_connections()
    for place in range(CONNECTIONS):
        assert await desk.book([captured(f"p{place}", "a", 1)]) == [("apply", "applied")]


async def test_a_session_that_is_ended_amid_a_transaction_writes_nothing_and_the_next_try_does(
    desk: Desk,
) -> None:
    async def book() -> None:
        async with desk.ledger.transaction() as transaction:
            verdicts = await desk.judge(transaction, [authorized("p")])
            await desk.look.execute(END_OTHER_SESSIONS)
            await desk.write(transaction, verdicts)

    with pytest.raises(StoreUnavailable):
        await book()
    assert await desk.book([authorized("p")]) == [("apply", "payment_created")]


async def test_a_task_that_is_cancelled_amid_a_statement_gives_its_connection_back(
    desk: Desk, database_dsn: str
) -> None:
    await desk.book([authorized("p")])
    # Not the desk's own connection: one in a transaction goes on seeing other sessions as it first saw them.
    holder = await asyncpg.connect(database_dsn)
    try:
        for _ in range(CONNECTIONS + 1):
            async with holder.transaction():
                await holder.execute("SELECT FROM payment_transactions FOR UPDATE")
                booking = asyncio.create_task(desk.book([captured("p", "a", 1)]))
                await until_waiting(desk.look)
                booking.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await booking
    finally:
        await holder.close()
    assert await desk.book([captured("p", "a", 1)]) == [("apply", "applied")]


async def test_a_database_that_lacks_a_table_blames_no_message(desk: Desk) -> None:
    await desk.look.execute("ALTER TABLE audit_logs RENAME TO mislaid")
    with pytest.raises(StoreUnavailable):
        await desk.book([authorized("p")])
    await desk.look.execute("ALTER TABLE mislaid RENAME TO audit_logs")
    await desk.ledger.renew_connections()
    assert await desk.book([authorized("p")]) == [("apply", "payment_created")]


async def test_a_value_that_the_driver_cannot_encode_is_refused_and_no_outage(desk: Desk) -> None:
    with pytest.raises(StoreRefused):
        await desk.ledger.record_dead_letters([letter(receive_count=2**40)])
    await desk.ledger.record_dead_letters([letter(), letter(message_id="n")])
    assert await desk.look.fetchval("SELECT count(*) FROM dead_letters") == 2


async def test_a_probe_passes_on_a_database_that_commits_and_fails_on_one_that_only_reads(
    desk: Desk, database_dsn: str
) -> None:
    options = LedgerOptions(dsn=database_dsn)
    await prove_writable(options)
    name = await desk.look.fetchval("SELECT current_database()")
    await desk.look.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(StoreUnavailable):
        await prove_writable(options)


async def test_a_probe_fails_on_a_server_that_is_not_there() -> None:
    with pytest.raises(StoreUnavailable):
        await prove_writable(LedgerOptions(dsn="postgresql://nobody@/nothing?host=/nowhere&port=1"))
