"""Dead letters are found, read, replayed in the background by whichever process lives, and closed."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from payflow.ledger.dead_letters import insert_dead_letters

from tests.integration.api.harness import Api, idempotent, open_api
from tests.integration.quarantine.yard import authorized, captured, letter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from payflow.settings import Settings

    from tests.integration.api.books import Books
    from tests.integration.api.queue import Queue

DEADLINE_S = 30.0


@pytest.fixture
async def api(settings: Settings, queue: Queue) -> AsyncIterator[Api]:
    """An API with a queue."""
    async with open_api(queue.named_in(settings)) as opened:
        yield opened


@pytest.fixture
async def letters(books: Books, api: Api) -> list[bytes]:
    """Three letters of a payment that would apply, one that is malformed, one that is not even text."""
    bodies = [json.dumps(event).encode() for event in (authorized("p"), captured("p"), captured("q"))]
    rows = [
        letter("1", bodies[0], payment_id="p"),
        letter("2", bodies[1], payment_id="p"),
        letter("3", bodies[2], payment_id="q"),
        letter("4", b"{", klass="malformed", reason="not_json", rule="the body must be JSON"),
        letter("5", b"\xff\xfe", klass="malformed", reason="not_utf8"),
    ]
    async with books.pool.acquire() as connection:
        await insert_dead_letters(connection, rows, api.services.clock())
    return bodies


async def replay(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    plain = {"dry_run": False, "rate_per_s": 5_000, "note": "mended"}
    return await client.post("/dead-letters/replay", json=plain | body, headers=idempotent())


async def finished(client: httpx.AsyncClient, replay_id: str) -> dict[str, Any]:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            told = (await client.get(f"/dead-letters/replays/{replay_id}")).json()
            if told["state"] in {"done", "stopped", "failed"}:
                return dict(told)


@pytest.mark.usefixtures("letters")
async def test_letters_are_listed_newest_first_by_every_filter(reader: httpx.AsyncClient) -> None:
    async def found(**filters: Any) -> list[str]:
        answer = await reader.get("/dead-letters", params=filters)
        assert answer.status_code == 200, answer.text
        return [item["dead_letter_id"] for item in answer.json()["items"]]

    assert await found() == ["5", "4", "3", "2", "1"]
    assert await found(**{"class": "malformed"}) == ["5", "4"]
    assert await found(reason="not_json") == ["4"]
    assert await found(payment_id="p") == ["2", "1"]
    assert await found(text="must be JSON") == ["4"]
    assert await found(status="discarded") == []
    assert await found(until="2000-01-01T00:00:00Z", status="any") == []


@pytest.mark.usefixtures("letters")
async def test_pages_lead_forth_and_back(reader: httpx.AsyncClient) -> None:
    params: dict[str, Any] = {"limit": 2, "count": "true"}
    first = (await reader.get("/dead-letters", params=params)).json()
    second = (await reader.get("/dead-letters", params=params | {"cursor": first["next_cursor"]})).json()
    back = (await reader.get("/dead-letters", params=params | {"cursor": second["prev_cursor"]})).json()
    assert [item["dead_letter_id"] for item in second["items"]] == ["3", "2"]
    assert back["items"] == first["items"]
    assert first["count"] == {"value": 5, "capped": False}


@pytest.mark.usefixtures("letters")
async def test_groups_say_what_is_wrong_with_how_many(reader: httpx.AsyncClient) -> None:
    told = (await reader.get("/dead-letters/groups")).json()
    assert told["total"] == 5
    assert [(group["class"], group["reason"], group["letters"]) for group in told["groups"]] == [
        ("exhausted", "receives_exhausted", 3),
        ("malformed", "not_json", 1),
        ("malformed", "not_utf8", 1),
    ]


async def test_a_letter_has_its_body_as_it_came_and_what_to_do_next(
    letters: list[bytes], operator: httpx.AsyncClient
) -> None:
    told = (await operator.get("/dead-letters/1")).json()
    assert (told["body"].encode(), told["body_base64"], told["class"]) == (letters[0], None, "exhausted")
    assert "replay it" in told["next_step"]
    told = (await operator.get("/dead-letters/5")).json()
    assert (told["body"], told["body_base64"]) == (None, "//4=")
    assert (await operator.get("/dead-letters/99")).json()["code"] == "not_found"


@pytest.mark.usefixtures("letters")
async def test_a_dry_run_tells_verdicts_and_money_and_changes_nothing(
    operator: httpx.AsyncClient, books: Books
) -> None:
    answer = await replay(operator, dry_run=True, filter={})
    assert answer.status_code == 200
    told = answer.json()
    assert told["counts"] == {"apply": 2, "premature": 1, "malformed": 2}
    assert {(moved["sum"], moved["change_minor"]) for moved in told["moved"]} == {
        ("authorized_minor", 1_000),
        ("captured_minor", 700),
    }
    assert told["replay"] is None
    assert await books.rows("SELECT count(*) FROM audit_logs") == [(0,)]


async def test_a_replay_runs_in_the_background_and_says_how_far_it_is(
    letters: list[bytes], operator: httpx.AsyncClient, books: Books, queue: Queue
) -> None:
    answer = await replay(operator, filter={})
    assert answer.status_code == 202
    begun = answer.json()["replay"]
    told = await finished(operator, begun["replay_id"])
    assert (told["state"], told["sent"], told["failed"]) == ("done", 4, 1)
    assert "not UTF-8" in told["failures"]["5"]
    assert sorted(await asyncio.to_thread(queue.bodies)) == sorted([*letters, b"{"])
    history = (await operator.get("/dead-letters/1")).json()["history"]
    assert [(entry["action"], entry["actor"], entry["note"]) for entry in history] == [
        ("dead_letter.replayed", "user:operator@example.test", "mended")
    ]
    listed = (await operator.get("/dead-letters/replays")).json()["items"]
    assert listed == [told]
    assert (await operator.get("/dead-letters")).json()["items"][0]["dead_letter_id"] == "5"


@pytest.mark.usefixtures("letters")
async def test_a_replay_that_is_told_to_stop_stops(
    operator: httpx.AsyncClient, books: Books, queue: Queue
) -> None:
    begun = (await replay(operator, ids=["1", "2", "3", "4"], rate_per_s=1)).json()["replay"]
    path = f"/dead-letters/replays/{begun['replay_id']}"
    assert (await operator.post(f"{path}/stop", headers=idempotent())).status_code == 200
    told = await finished(operator, begun["replay_id"])
    assert told["state"] == "stopped"
    assert told["sent"] < 4
    assert (await operator.post(f"{path}/stop", headers=idempotent())).json()["code"] == "conflict"


@pytest.mark.usefixtures("letters")
async def test_a_replay_whose_process_died_is_taken_over(
    api: Api, operator: httpx.AsyncClient, books: Books, queue: Queue
) -> None:
    silent = api.services.clock() - timedelta(minutes=1)
    insert = """
        INSERT INTO replays (requested_by, requested_at, chosen, rate_per_s, letters_max, state, seen_at)
        VALUES ('user:gone', $1, '{"status": "open"}', 1000, 10, 'running', $1) RETURNING replay_id::text
    """
    [(replay_id,)] = await books.rows(insert, silent)
    assert (await finished(operator, replay_id))["sent"] == 4


async def test_a_queue_that_is_away_fails_the_replay_and_says_why(
    settings: Settings, books: Books, queue: Queue, letters: list[bytes]
) -> None:
    books_settings = queue.named_in(settings)
    queue.sqs.delete_queue(QueueUrl=queue.url)
    async with open_api(books_settings) as api:
        operator = await api.client("operator")
        told = await finished(operator, (await replay(operator, filter={})).json()["replay"]["replay_id"])
    assert (told["state"], told["sent"]) == ("failed", 0)
    assert queue.name in told["error"]


@pytest.mark.usefixtures("letters")
async def test_discarding_needs_a_note_and_a_choice(operator: httpx.AsyncClient, books: Books) -> None:
    async def discard(**body: Any) -> httpx.Response:
        return await operator.post("/dead-letters/discard", json=body, headers=idempotent())

    assert (await discard(ids=["1"])).status_code == 422
    assert (await discard(note="theirs")).json()["errors"][0]["pointer"] == "/ids"
    assert (await discard(note="theirs", ids=["1"], filter={})).status_code == 422
    assert (await discard(note="theirs", ids=["1", "99"])).json() == {"discarded": 1}
    assert (await discard(note="theirs", filter={"class": "malformed"})).json() == {"discarded": 2}
    left = "SELECT dead_letter_id FROM dead_letters WHERE status = 'open' ORDER BY 1"
    assert await books.rows(left) == [(2,), (3,)]
    recorded = "SELECT count(*), min(note) FROM audit_logs WHERE action = 'dead_letter.discarded'"
    assert await books.rows(recorded) == [(3, "theirs")]


@pytest.mark.usefixtures("letters")
async def test_readers_look_and_do_not_touch(reader: httpx.AsyncClient) -> None:
    assert (await replay(reader, dry_run=True, filter={})).status_code == 403
    answer = await reader.post(
        "/dead-letters/discard", json={"ids": ["1"], "note": "n"}, headers=idempotent()
    )
    assert answer.status_code == 403
