"""The dashboard says what the books and the trail say, within seconds and from counted steps alone."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from payflow.fleet import Announcement, announce
from payflow.ledger.dead_letters import insert_dead_letters
from payflow.telemetry.lag_steps import BUCKETS

from tests.integration.api.harness import idempotent
from tests.integration.quarantine.yard import authorized, captured, fact, letter

if TYPE_CHECKING:
    import httpx

    from tests.integration.api.books import Books
    from tests.integration.api.harness import Api

DEADLINE_S = 60.0


async def when(client: httpx.AsyncClient, window: str, holds: Any) -> dict[str, Any]:
    """Read the dashboard until something holds."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            answer = await client.get("/dashboard", params={"window": window})
            assert answer.status_code == 200, answer.text
            if holds(answer.json()):
                return dict(answer.json())


def received(told: dict[str, Any]) -> int:
    per_s: float = sum(value for _, value in told["series"]["received"])
    return round(per_s * int(told["step_s"]))


async def test_deliveries_states_and_money_are_those_of_the_books(
    books: Books, reader: httpx.AsyncClient
) -> None:
    yen = {"amount": {"value": 500, "currency": "JPY", "exponent": 0}}
    await books.book(authorized("p"), captured("p"), fact("y", "sale.succeeded", "s", 500, **yen))
    await books.book(captured("p"), captured("early"), fact("p", "refund.succeeded", "r", 200))
    told = await when(reader, "1h", lambda told: sum(told["verdicts"].values()) == 6)
    assert told["verdicts"] == {"apply": 4, "duplicate": 1, "premature": 1}
    assert told["statuses"] == {"captured": 1, "partially_refunded": 1}
    assert told["amounts"] == [
        {"currency": "EUR", "exponent": 2, "captured_minor": 700, "refunded_minor": 200, "disputed_minor": 0},
        {"currency": "JPY", "exponent": 0, "captured_minor": 500, "refunded_minor": 0, "disputed_minor": 0},
    ]
    assert told["backlog"]["parked"] == 1


@pytest.mark.parametrize("window", ["15m", "1h", "6h", "24h", "7d"])
async def test_every_window_adds_up_and_has_a_value_for_each_of_its_steps(
    books: Books, reader: httpx.AsyncClient, window: str
) -> None:
    await books.book(*(authorized(f"p{number}") for number in range(30)))
    told = await when(reader, window, lambda told: told["verdicts"] == {"apply": 30})
    assert received(told) == 30
    steps = [at for at, _ in told["series"]["received"]]
    assert len(steps) <= 170
    assert {right - left for left, right in pairwise(steps)} == {told["step_s"]}
    assert [at for at, _ in told["series"]["refused"]] == steps


async def test_open_alerts_and_dead_letters_are_counted_and_the_newest_alerts_told(
    books: Books, api: Api, operator: httpx.AsyncClient
) -> None:
    await books.book(*(authorized(f"p{number}", 5_000_000) for number in range(6)))
    async with books.pool.acquire() as connection:
        await insert_dead_letters(connection, [letter("m", b"{")], api.services.clock())
    [newest, *_] = (await operator.get("/alerts")).json()["items"]
    told = await when(operator, "1h", lambda told: told["alerts"]["open"]["high"] == 6)
    assert len(told["alerts"]["recent"]) == 5
    assert told["alerts"]["recent"][0]["alert_id"] == newest["alert_id"]
    assert told["backlog"]["dead_letters_open"] == 1
    body = {"outcome": "fixed", "note": "done"}
    headers = idempotent() | {"if-match": '"1"'}
    await operator.post(f"/alerts/{newest['alert_id']}/resolve", json=body, headers=headers)
    assert (await when(operator, "1h", bool))["alerts"]["open"]["high"] == 5


async def test_lags_are_those_that_workers_say(books: Books, api: Api, reader: httpx.AsyncClient) -> None:
    async def say(deliveries: int) -> None:
        counts = [0] * 8 + [deliveries] * (BUCKETS - 8)
        told = Announcement(
            worker_id="w",
            version="0",
            host="h",
            pid=1,
            started_at=api.services.clock(),
            heartbeat_interval_s=60,
            state="running",
            paused_for=[],
            revision=0,
            lanes=1,
            concurrency_max=1,
            batch_size_max=1,
            lag_counts=counts,
        )
        async with books.pool.acquire() as connection:
            await announce(connection, told)

    await say(10)
    said = 10

    async def more(told: dict[str, Any]) -> bool:
        nonlocal said
        said += 10
        await say(said)
        return bool(told["lag_ms"]["p99"])

    async with asyncio.timeout(DEADLINE_S):
        while not await more(told := (await reader.get("/dashboard", params={"window": "15m"})).json()):
            pass
    [(_, p50), *_] = told["lag_ms"]["p50"]
    [(_, p99), *_] = told["lag_ms"]["p99"]
    assert 100 < p50 < p99 <= 250


async def test_an_unknown_window_is_refused(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/dashboard", params={"window": "1y"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/window")
