"""What SQS moved to the dead-letter queue becomes rows, once each, and leaves the queue only after that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from payflow.intake.queues import client
from payflow.ledger.dead_letters import insert_dead_letters
from payflow.worker.exhausted import take_in

from tests.integration.quarantine.yard import authorized, letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.worker.exhausted import TakenIn

    from tests.integration.quarantine.conftest import Queue
    from tests.integration.quarantine.yard import Yard

OWN = {"payflow_class": {"DataType": "String", "StringValue": "malformed"}}


async def taken(yard: Yard, queue: Queue, messages_max: int = 1_000) -> TakenIn:
    async with (
        client(endpoint_url=queue.endpoint_url, region="us-east-1") as sqs,
        yard.pool.acquire() as connection,
    ):
        return await take_in(
            connection, sqs, queue.dead_url, yard.decoder, yard.clock, messages_max=messages_max
        )


async def dead(queue: Queue, body: str, **more: Any) -> str:
    sent = await asyncio.to_thread(
        lambda: queue.sqs.send_message(QueueUrl=queue.dead_url, MessageBody=body, **more)
    )
    return str(sent["MessageId"])


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


async def test_a_redriven_message_becomes_a_row_that_names_its_event_and_leaves_the_queue(
    yard: Yard, queue: Queue
) -> None:
    event = authorized("p")
    message_id = await dead(queue, orjson.dumps(event).decode())
    round_ = await taken(yard, queue)
    assert (round_.received, round_.listed, round_.own, round_.kept) == (1, 1, 0, 0)
    columns = "class, reason, payment_id, source, event_id, message_id, status"
    assert await yard.rows(f"SELECT {columns} FROM dead_letters") == [  # noqa: S608
        ("exhausted", "receives_exhausted", "p", "stripe", event["event_id"], message_id, "open")
    ]
    assert await asyncio.to_thread(queue.dead) == 0


async def test_a_body_that_is_no_event_is_taken_in_as_it_is(yard: Yard, queue: Queue) -> None:
    await dead(queue, "not json")
    assert (await taken(yard, queue)).listed == 1
    assert await yard.rows("SELECT body, payment_id FROM dead_letters") == [(b"not json", None)]


async def test_letters_that_workers_sent_are_left_in_the_queue(yard: Yard, queue: Queue) -> None:
    await dead(queue, "{", MessageAttributes=OWN)
    round_ = await taken(yard, queue)
    assert (round_.received, round_.own, round_.listed) == (1, 1, 0)
    assert await asyncio.to_thread(queue.dead) == 1
    assert await yard.rows("SELECT count(*) FROM dead_letters") == [(0,)]


async def test_a_message_whose_row_was_committed_by_a_round_that_died_is_deleted_and_not_listed_twice(
    yard: Yard, queue: Queue
) -> None:
    message_id = await dead(queue, "{")
    async with yard.pool.acquire() as connection:
        await insert_dead_letters(connection, [letter(message_id, b"{")], yard.clock())
    round_ = await taken(yard, queue)
    assert (round_.known, round_.listed) == (1, 0)
    assert await asyncio.to_thread(queue.dead) == 0
    assert await yard.rows("SELECT count(*) FROM dead_letters") == [(1,)]


async def test_nothing_is_deleted_when_the_rows_cannot_be_written(yard: Yard, queue: Queue) -> None:
    await dead(queue, "{")
    await yard.look.execute("ALTER TABLE dead_letters ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    with pytest.raises(Exception, match="full_up"):
        await taken(yard, queue)
    assert await asyncio.to_thread(queue.dead) == 1


async def test_a_round_stops_at_its_bound(yard: Yard, queue: Queue) -> None:
    for number in range(25):
        await dead(queue, f"{number}")
    assert (await taken(yard, queue, messages_max=10)).received == 10
    assert (await taken(yard, queue)).listed == 15


async def test_the_command_pulls_what_is_there(
    yard: Yard, queue: Queue, command: Callable[..., tuple[int, Any]]
) -> None:
    await dead(queue, "{")
    code, told = await asyncio.to_thread(command, "dlq", "pull", "--json")
    assert (code, told["listed"]) == (0, 1)
    assert await yard.rows("SELECT class FROM dead_letters") == [("exhausted",)]
