"""Queue and fleet are told as they are; orders are recorded, and workers hear of them after the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from payflow.fleet import Announcement, announce

from tests.integration.api.harness import Api, idempotent, open_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from payflow.settings import Settings

    from tests.integration.api.books import Books
    from tests.integration.api.queue import Queue


@pytest.fixture
async def api(settings: Settings, queue: Queue) -> AsyncIterator[Api]:
    """An API with a queue."""
    async with open_api(queue.named_in(settings)) as opened:
        yield opened


@pytest.fixture
async def worker(books: Books, api: Api) -> str:
    """A worker that is there."""
    told = Announcement(
        worker_id="w1",
        version="0.1.0",
        host="here",
        pid=1,
        started_at=api.services.clock(),
        heartbeat_interval_s=60,
        state="running",
        paused_for=[],
        revision=0,
        lanes=2,
        concurrency_max=2,
        batch_size_max=500,
        rate_per_s=12.5,
    )
    async with books.pool.acquire() as connection:
        await announce(connection, told)
    return told.worker_id


async def test_the_queue_is_told_with_its_budget(reader: httpx.AsyncClient, queue: Queue) -> None:
    for number in range(3):
        queue.sqs.send_message(QueueUrl=queue.url, MessageBody=str(number))
    queue.sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=1)
    queue.sqs.send_message(QueueUrl=queue.dead_url, MessageBody="dead")
    told = (await reader.get("/queue")).json()
    assert (told["name"], told["visible"], told["in_flight"], told["dead_letters_visible"]) == (
        queue.name,
        2,
        1,
        1,
    )
    budget = told["in_flight_budget"]
    assert (budget["used"], budget["limit"], budget["exhausted_in_s"]) == (1, 120_000, None)
    assert budget["share"] == pytest.approx(1 / 120_000)
    assert told["deferred"] == {"messages": 0, "overdue": 0, "next_due_at": None}


async def test_a_queue_that_does_not_answer_is_a_problem_with_a_time_to_try_again(
    settings: Settings, queue: Queue
) -> None:
    queue.sqs.delete_queue(QueueUrl=queue.url)
    async with open_api(queue.named_in(settings)) as api:
        answer = await (await api.client("read_only")).get("/queue")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_orders_are_told_with_who_gave_them_and_recorded(
    worker: str, operator: httpx.AsyncClient, reader: httpx.AsyncClient, books: Books
) -> None:
    body = {"note": "the provider asked"}
    told = (await operator.post("/fleet/pause", json=body, headers=idempotent())).json()
    assert (told["state"], told["changed_by"], told["note"]) == (
        "paused",
        "user:operator@example.test",
        "the provider asked",
    )
    assert [(one["worker_id"], one["alive"], one["obeys"]) for one in told["workers"]] == [
        (worker, True, False)
    ]
    assert (await reader.get("/fleet")).json()["state"] == "paused"
    assert (await operator.post("/fleet/resume", json={}, headers=idempotent())).json()["state"] == "running"
    recorded = "SELECT action, actor, note FROM audit_logs WHERE subject_kind = 'fleet' ORDER BY audit_id"
    assert await books.rows(recorded) == [
        ("fleet.paused", "user:operator@example.test", "the provider asked"),
        ("fleet.resumed", "user:operator@example.test", None),
    ]


async def test_workers_are_told_once_an_order_is_committed(
    worker: str, api: Api, operator: httpx.AsyncClient, books: Books
) -> None:
    heard: list[tuple[int, Any]] = []
    look = api.services.fleet
    async with api.services.database.connection() as connection:
        channel = await look.channel(connection)
    tell = channel.tell

    async def listening(revision: int) -> bool:
        [(committed,)] = await books.rows("SELECT revision FROM fleet")
        heard.append((revision, committed))
        return await tell(revision)

    channel.tell = listening  # type: ignore[method-assign]
    await operator.post("/fleet/pause", json={"worker_id": worker}, headers=idempotent())
    [(revision, committed)] = heard
    assert revision == committed
    assert await channel.told() == revision


async def test_one_worker_is_meant_by_its_id_and_has_to_be_there(
    worker: str, operator: httpx.AsyncClient
) -> None:
    body = {"worker_id": worker}
    told = (await operator.post("/fleet/pause", json=body, headers=idempotent())).json()
    assert (told["state"], told["workers"][0]["ordered"]) == ("running", "paused")
    answer = await operator.post("/fleet/pause", json={"worker_id": "gone"}, headers=idempotent())
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/worker_id")


async def test_draining_is_for_administrators(
    worker: str, operator: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    assert (await operator.post("/fleet/drain", json={}, headers=idempotent())).status_code == 403
    told = (await admin.post("/fleet/drain", json={"exits": True}, headers=idempotent())).json()
    assert (told["state"], told["exits"]) == ("draining", True)


async def test_limits_are_exactly_what_was_put(worker: str, operator: httpx.AsyncClient) -> None:
    limits = {"rate_per_s": 50.0, "merchants": {"m_1": 2.5}, "batch_size_max": 100, "concurrency_max": 1}
    told = (await operator.put("/fleet/limits", json=limits, headers=idempotent())).json()
    assert told["limits"] == limits
    told = (await operator.put("/fleet/limits", json={"rate_per_s": 9.0}, headers=idempotent())).json()
    assert told["limits"] == {
        "rate_per_s": 9.0,
        "merchants": {},
        "batch_size_max": None,
        "concurrency_max": None,
    }
    refused = await operator.put(
        "/fleet/limits", json={"rate_per_s": -1, "batch_size_max": 0}, headers=idempotent()
    )
    assert refused.status_code == 422
    assert {fault["pointer"] for fault in refused.json()["errors"]} == {"/rate_per_s", "/batch_size_max"}
