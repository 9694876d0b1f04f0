"""Messages whose wait is over are back in their queue, as who they were, whatever befalls their sender."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from payflow.intake.budget import BudgetOptions, InFlightBudget
from payflow.intake.origin import Origin, origin_of
from payflow.ledger.deferral import returned_messages
from payflow.settings import load
from payflow.worker import returning
from payflow.worker.returning import ReturnFigures, keep_returned, lock_of

from tests.integration.deferral.waiting_room import SENT_AT_MS, put, received, send_round, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payflow.ledger.deferral import Due
    from payflow.ledger.pool import Connection
    from payflow.settings import Settings

    from tests.integration.quarantine.conftest import Queue
    from tests.integration.quarantine.yard import Yard

DEADLINE_S = 30.0


def set_faults(queue: Queue, **switches: object) -> None:
    request = urllib.request.Request(  # noqa: S310 - our own loopback address
        f"{queue.endpoint_url}/_payflow/faults", json.dumps(switches).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        assert answer.status == 200


@pytest.fixture
def faulty(queue: Queue) -> Iterator[Queue]:
    yield queue
    set_faults(queue)


async def left(yard: Yard) -> int:
    [(count,)] = await yard.rows("SELECT count(*) FROM deferred_messages")
    return int(count)


async def test_a_message_that_is_due_comes_as_who_it_was_and_its_row_leaves(yard: Yard, queue: Queue) -> None:
    await put(yard, queue.name, waiting("first-id", delay_s=30))
    assert await send_round(yard, queue) == 0
    assert await received(queue) == []
    yard.clock.move(seconds=30)
    assert await send_round(yard, queue) == 1
    (message,) = await received(queue)
    assert message["Body"] == "body of first-id"
    assert origin_of(message) == Origin(message_id="first-id", sent_at_ms=SENT_AT_MS, receives=9, attempts=6)
    assert await left(yard) == 0


async def test_many_are_sent_in_batches_and_each_once(yard: Yard, queue: Queue) -> None:
    names = [f"m{number}" for number in range(137)]
    await put(yard, queue.name, *(waiting(name, delay_s=0) for name in names))
    figures = ReturnFigures()
    assert await send_round(yard, queue, figures, batch_size=30) == 137
    assert (figures.returned, figures.failures) == (137, 0)
    origins = [origin_of(message) for message in await received(queue)]
    assert sorted(origin.message_id for origin in origins if origin is not None) == sorted(names)
    assert await left(yard) == 0


async def test_what_the_queue_refuses_stays_and_is_sent_by_the_next_round(yard: Yard, faulty: Queue) -> None:
    await put(yard, faulty.name, *(waiting(f"m{number}", delay_s=0) for number in range(40)))
    set_faults(faulty, actions={"SendMessageBatch": {"partial_batch_failure": 0.5}})
    figures = ReturnFigures()
    sent = await send_round(yard, faulty, figures)
    assert 0 < sent < 40
    assert (await left(yard), figures.failures) == (40 - sent, 40 - sent)
    set_faults(faulty)
    assert await send_round(yard, faulty) == 40 - sent
    assert len(await received(faulty)) == 40


async def test_a_queue_that_throttles_loses_nothing(yard: Yard, faulty: Queue) -> None:
    await put(yard, faulty.name, waiting("m", delay_s=0))
    set_faults(faulty, throttle=1.0)
    assert await send_round(yard, faulty) == 0
    assert await left(yard) == 1


async def test_a_sender_that_dies_before_the_row_leaves_sends_again_and_nothing_is_lost(
    yard: Yard, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(yard, queue.name, waiting("m", delay_s=0))

    class Died(BaseException):
        pass

    async def die(_connection: Connection, _sent: list[Due]) -> int:
        raise Died

    with monkeypatch.context() as dying:
        dying.setattr(returning, "returned_messages", die)
        with pytest.raises(Died):
            await send_round(yard, queue)
    assert await left(yard) == 1
    assert await send_round(yard, queue) == 1
    origins = [origin_of(message) for message in await received(queue)]
    assert [origin.message_id for origin in origins if origin is not None] == ["m", "m"]
    assert await left(yard) == 0


async def test_a_message_that_failed_again_while_it_was_sent_keeps_its_row(
    yard: Yard, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(yard, queue.name, waiting("m", delay_s=0))
    take_out = returned_messages

    async def late(connection: Connection, sent: list[Due]) -> int:
        await put(yard, queue.name, waiting("m", delay_s=60, attempts=7))
        return await take_out(connection, sent)

    with monkeypatch.context() as slow:
        slow.setattr(returning, "returned_messages", late)
        await send_round(yard, queue)
    assert await yard.rows("SELECT attempts FROM deferred_messages") == [(7,)]


class Sender:
    """A worker that may be elected to send messages back."""

    def __init__(self, yard: Yard, queue: Queue, settings: Settings) -> None:
        self.figures = ReturnFigures()
        self.budget = InFlightBudget(
            BudgetOptions(limit=1_000), own=lambda: (3, 4), clock_s=lambda: 0.0, utc_now=yard.clock
        )
        self._task = asyncio.create_task(
            keep_returned(settings, queue.url, self.budget, yard.clock, "worker", self.figures)
        )

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@pytest.fixture
def settings(yard: Yard, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in {
        "PAYFLOW_POSTGRES_DSN": yard.dsn,
        "PAYFLOW_QUEUE_ENDPOINT_URL": queue.endpoint_url,
        "PAYFLOW_DEFERRAL_INTERVAL_S": "0.05",
        "PAYFLOW_DEFERRAL_ELECTION_INTERVAL_S": "0.05",
    }.items():
        monkeypatch.setenv(name, value)
    return load(running=False)


async def until(holds: Any) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await holds():  # noqa: ASYNC110 - the servers tell nobody
            await asyncio.sleep(0.01)


async def test_one_of_two_sends_and_the_other_takes_over_when_it_stops(
    yard: Yard, queue: Queue, settings: Settings
) -> None:
    first = Sender(yard, queue, settings)

    async def told() -> bool:
        return first.figures.waiting is not None

    await until(told)
    second = Sender(yard, queue, settings)
    await put(yard, queue.name, waiting("m", delay_s=0))

    async def nothing_left() -> bool:
        return await left(yard) == 0

    await until(nothing_left)
    assert (first.figures.returned, second.figures.returned, second.figures.waiting) == (1, 0, None)
    await first.stop()
    await put(yard, queue.name, waiting("n", delay_s=0))
    await until(nothing_left)
    assert second.figures.returned == 1
    await second.stop()


async def test_the_one_who_sends_counts_what_waits_and_tells_the_budget(
    yard: Yard, queue: Queue, settings: Settings
) -> None:
    await put(yard, queue.name, waiting("m", delay_s=600))
    sender = Sender(yard, queue, settings)
    sender.budget.read(250, None)

    async def told() -> bool:
        return bool(await yard.rows("SELECT 1 FROM in_flight_budgets"))

    await until(told)
    await sender.stop()
    assert (sender.figures.waiting, sender.figures.overdue) == (1, 0)
    rows = await yard.rows("SELECT queue, used, budget, told_by FROM in_flight_budgets")
    assert rows == [(queue.name, 250, 1_000, "worker")]


async def test_a_sender_whose_connection_is_cut_comes_back(
    yard: Yard, queue: Queue, settings: Settings
) -> None:
    sender = Sender(yard, queue, settings)

    async def told() -> bool:
        return sender.figures.waiting is not None

    await until(told)
    cut = """
        SELECT pg_terminate_backend(pid) FROM pg_locks
        JOIN pg_database d ON d.oid = database AND d.datname = current_database()
        WHERE locktype = 'advisory'
    """
    assert await yard.rows(cut) == [(True,)]
    await put(yard, queue.name, waiting("m", delay_s=0))

    async def nothing_left() -> bool:
        return await left(yard) == 0

    await until(nothing_left)
    await sender.stop()
    assert len(await received(queue)) == 1


def test_queues_have_locks_of_their_own() -> None:
    names = ["payflow-events", "payflow-events-dead", "other"]
    assert len({lock_of(name) for name in names}) == 3
    assert all(0 < lock_of(name) < 2**63 for name in names)
