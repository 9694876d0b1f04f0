"""`payflow queue show` and `payflow queue deferred` tell what waits, and how long the budget lasts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from payflow.ledger.deferral import ToldBudget, tell_budget

from tests.integration.deferral.waiting_room import put, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.quarantine.conftest import Queue
    from tests.integration.quarantine.yard import Yard

    Command: TypeAlias = Callable[..., tuple[int, Any]]


async def tell(yard: Yard, queue: Queue, age_s: float, exhausted_in_s: float | None) -> None:
    told = ToldBudget(
        used=70_000,
        budget=120_000,
        share=0.5,
        trend_per_s=12.5,
        exhausted_in_s=exhausted_in_s,
        told_at=datetime.now(UTC) - timedelta(seconds=age_s),
        told_by="worker:a",
    )
    async with yard.pool.acquire() as connection:
        await tell_budget(connection, queue.name, told)


def hold(queue: Queue, messages: int) -> None:
    """Put messages in flight."""
    for number in range(messages):
        queue.sqs.send_message(QueueUrl=queue.url, MessageBody=str(number))
    queue.sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10, VisibilityTimeout=600)


async def test_show_has_what_is_used_of_the_budget_and_the_forecast_of_a_worker(
    yard: Yard, queue: Queue, command: Command
) -> None:
    await asyncio.to_thread(hold, queue, 3)
    await tell(yard, queue, age_s=5, exhausted_in_s=4_000.0)
    await put(yard, queue.name, waiting("m", delay_s=60), waiting("n", delay_s=0))
    code, shown = await asyncio.to_thread(command, "queue", "show", "--json")
    budget = shown["queue"]["in_flight_budget"]
    assert code == 0
    assert (budget["used"], budget["limit"], budget["share"]) == (3, 120_000, 0.5)
    assert (budget["trend_per_s"], budget["exhausted_in_s"], budget["told_by"]) == (12.5, 4_000.0, "worker:a")
    assert shown["queue"]["deferred"]["messages"] == 2


async def test_a_forecast_of_a_worker_that_is_gone_is_none(
    yard: Yard, queue: Queue, command: Command
) -> None:
    await tell(yard, queue, age_s=3_600, exhausted_in_s=4_000.0)
    _, shown = await asyncio.to_thread(command, "queue", "show", "--json")
    assert shown["queue"]["in_flight_budget"]["exhausted_in_s"] is None
    assert shown["queue"]["in_flight_budget"]["told_at"] is None


async def test_a_database_that_is_away_is_no_reason_not_to_show_the_queue(
    yard: Yard, queue: Queue, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", "postgresql://nobody@127.0.0.1:1/none")
    code, shown = await asyncio.to_thread(command, "queue", "show", "--json")
    assert (code, shown["queue"]["deferred"]) == (0, None)
    assert shown["queue"]["in_flight_budget"]["limit"] == 120_000
    _, text = await asyncio.to_thread(command, "queue", "show")
    assert "not known: PostgreSQL does not answer" in text


@pytest.mark.parametrize(
    ("age_s", "exhausted_in_s", "line"),
    [
        (5, 4_000.0, "nothing is left in 1:06:40, by the trend"),
        (5, None, "it does not run out within a day, by the trend"),
        (120, 4_000.0, "no forecast: no worker has told one within the last minute"),
    ],
)
async def test_people_read_the_forecast_as_a_sentence(
    yard: Yard, queue: Queue, command: Command, age_s: float, exhausted_in_s: float | None, line: str
) -> None:
    await tell(yard, queue, age_s=age_s, exhausted_in_s=exhausted_in_s)
    _, text = await asyncio.to_thread(command, "queue", "show")
    assert line in [said.strip() for said in text.splitlines()]


async def test_deferred_lists_page_by_page_what_waits_and_why(
    yard: Yard, queue: Queue, command: Command
) -> None:
    await put(yard, queue.name, *(waiting(f"m{number}", delay_s=10 * number) for number in range(5)))
    code, first = await asyncio.to_thread(command, "queue", "deferred", "--limit", "2", "--json")
    assert (code, first["messages"], len(first["page"])) == (0, 5, 2)
    assert (first["page"][0]["reason"], first["page"][0]["error"]) == ("store_refused", "a constraint")
    ids = [row["message_id"] for row in first["page"]]
    place = first["next_behind"]
    while place is not None:
        _, page = await asyncio.to_thread(
            command, "queue", "deferred", "--limit", "2", "--behind", place, "--json"
        )
        ids += [row["message_id"] for row in page["page"]]
        place = page["next_behind"]
    assert ids == [f"m{number}" for number in range(5)]


async def test_people_read_a_table(yard: Yard, queue: Queue, command: Command) -> None:
    _, nothing = await asyncio.to_thread(command, "queue", "deferred")
    assert nothing.strip() == "No message waits in the database"
    await put(yard, queue.name, waiting("m", delay_s=0))
    _, text = await asyncio.to_thread(command, "queue", "deferred")
    assert "long_wait" in text
    assert "1 wait in the database, 1 of them overdue" in text


@pytest.mark.parametrize("place", ["nowhere", "2026-01-01T00:00:00/1", "2026-01-01T00:00:00+00:00/x"])
async def test_a_place_that_is_none_is_named(yard: Yard, command: Command, place: str) -> None:
    code, text = await asyncio.to_thread(command, "queue", "deferred", "--behind", place)
    assert code == 2
    assert "take the next_behind of a page" in text
