"""The stream on a real port: what is told, to whom, from where on, and for how long."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import uvicorn
from payflow.api.app import application
from payflow.api.stream import subscriber as subscribing
from payflow.api.stream.shapes import TOPICS
from payflow.api.stream.subscriber import Frame, Subscriber
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.integration.api.harness import idempotent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tests.integration.api.books import Books
    from tests.integration.api.harness import Api

DEADLINE_S = 20.0


def sale(number: int, merchant_id: str = "m_1") -> dict[str, Any]:
    return {
        "event_id": f"evt_{number}",
        "source": "stripe",
        "type": "sale.succeeded",
        "payment_id": f"pay_{number}",
        "operation_id": f"op_{number}",
        "merchant_id": merchant_id,
        "amount": {"value": 1_000 + number, "currency": "EUR", "exponent": 2},
        "occurred_at": datetime.now(UTC).isoformat(),
    }


@pytest.fixture
async def port(api: Api) -> AsyncIterator[int]:
    """The API of this test on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application(api.services), lifespan="off", log_config=None, ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([listener]))
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


@asynccontextmanager
async def listening(port: int, client: httpx.AsyncClient, **query: object) -> AsyncIterator[ClientConnection]:
    """Open the stream with a fresh ticket; the first frame, the greeting, is left to be read."""
    ticket = (await client.post("/stream/ticket")).json()["ticket"]
    words = "&".join(f"{name}={value}" for name, value in {"ticket": ticket, **query}.items())
    async with connect(f"ws://127.0.0.1:{port}/api/v1/stream?{words}", open_timeout=DEADLINE_S) as stream:
        yield stream


async def told(stream: ClientConnection, *types: str) -> dict[str, Any]:
    """Wait for the next frame of one of these types."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            frame: dict[str, Any] = orjson.loads(await stream.recv())
            if frame["type"] in types:
                return frame


async def closed_with(stream: ClientConnection) -> int:
    async with asyncio.timeout(DEADLINE_S):
        try:
            while True:
                await stream.recv()
        except ConnectionClosed:
            assert stream.close_code is not None
            return stream.close_code


async def test_a_payment_that_a_worker_changes_is_told_as_it_stands(
    port: int, reader: httpx.AsyncClient, books: Books
) -> None:
    async with listening(port, reader, topics="payments") as stream:
        assert (await told(stream, "hello"))["data"]["resumed"] is False
        await books.book(sale(1))
        frame = await told(stream, "payment.changed")
    assert frame["data"]["payment_id"] == "pay_1"
    assert frame["data"]["status"] == "captured"
    assert (frame["data"]["captured_minor"], frame["data"]["verdict"]) == (1_001, "apply")


async def test_an_alert_is_told_when_it_is_made_and_when_somebody_acts_on_it(
    port: int, reader: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    async with listening(port, reader, topics="alerts") as stream:
        await told(stream, "hello")
        body = {"severity": "high", "title": "Look", "description": "Something is odd"}
        made = (await operator.post("/alerts", json=body, headers=idempotent())).json()
        created = await told(stream, "alert.created")
        headers = idempotent() | {"if-match": f'"{made["version"]}"'}
        await operator.post(f"/alerts/{made['alert_id']}/acknowledge", headers=headers)
        changed = await told(stream, "alert.changed")
    assert created["data"]["alert_id"] == changed["data"]["alert_id"] == made["alert_id"]
    assert (created["data"]["status"], changed["data"]["status"]) == ("open", "acknowledged")


async def test_only_the_merchant_that_was_asked_for_is_told_of(
    port: int, reader: httpx.AsyncClient, books: Books
) -> None:
    async with listening(port, reader, topics="payments", merchant_id="m_2") as stream:
        await told(stream, "hello")
        await books.book(sale(1, "m_1"), sale(2, "m_2"))
        assert (await told(stream, "payment.changed"))["data"]["payment_id"] == "pay_2"
        await stream.send(
            orjson.dumps({"type": "filter", "topics": ["payments"], "merchant_id": "m_1"}).decode()
        )
        # No frame tells when the filter holds, so payments are changed until one is told.
        for number in range(3, 100):
            await books.book(sale(number, "m_1"))
            try:
                async with asyncio.timeout(1):
                    frame = await told(stream, "payment.changed")
            except TimeoutError:
                continue
            assert frame["data"]["merchant_id"] == "m_1"
            return
    pytest.fail("the filter never held")


async def test_a_listener_that_comes_back_is_told_what_it_missed(
    port: int, reader: httpx.AsyncClient, books: Books
) -> None:
    async with listening(port, reader, topics="payments") as stream:
        await told(stream, "hello")
        await books.book(sale(1))
        last_id = (await told(stream, "payment.changed"))["id"]
    await books.book(sale(2), sale(3))
    async with listening(port, reader, topics="payments", since=last_id) as stream:
        assert (await told(stream, "hello"))["data"]["resumed"] is True
        missed = {(await told(stream, "payment.changed"))["data"]["payment_id"] for _ in range(2)}
    assert missed == {"pay_2", "pay_3"}


async def test_a_listener_that_missed_too_much_is_told_so(
    port: int, reader: httpx.AsyncClient, books: Books
) -> None:
    for first in range(1, 1_101, 100):
        await books.book(*(sale(number) for number in range(first, first + 100)))
    async with listening(port, reader, topics="payments", since=1) as stream:
        assert (await told(stream, "hello"))["data"]["resumed"] is False


async def test_a_ticket_opens_one_stream_and_nothing_else_does(port: int, reader: httpx.AsyncClient) -> None:
    ticket = (await reader.post("/stream/ticket")).json()["ticket"]
    url = f"ws://127.0.0.1:{port}/api/v1/stream"
    async with connect(f"{url}?ticket={ticket}&topics=metrics") as stream:
        await told(stream, "hello")
        async with connect(f"{url}?ticket={ticket}") as second:
            assert await closed_with(second) == 4001
    async with connect(f"{url}?ticket=forged") as forged:
        assert await closed_with(forged) == 4001


async def test_a_change_of_role_ends_the_stream(port: int, api: Api, admin: httpx.AsyncClient) -> None:
    client = await api.client("operator", "grace")
    async with listening(port, client, topics="metrics") as stream:
        await told(stream, "hello")
        me = (await client.get("/users/me")).json()
        etag = (await admin.get(f"/users/{me['user_id']}")).headers["etag"]
        changed = await admin.patch(
            f"/users/{me['user_id']}", json={"role": "read_only"}, headers=idempotent() | {"if-match": etag}
        )
        assert changed.status_code == 200, changed.text
        assert await closed_with(stream) == 4001


async def test_a_tick_tells_rates_once_a_second(port: int, reader: httpx.AsyncClient, books: Books) -> None:
    async with listening(port, reader, topics="metrics") as stream:
        await told(stream, "metrics.tick")
        await books.book(sale(1), sale(2))
        received = 0.0
        while received == 0:
            tick = await told(stream, "metrics.tick")
            received = tick["data"]["received_per_s"]
    assert received > 0
    assert tick["data"]["alerts_open"] == 0


def test_a_reader_that_is_too_slow_loses_frames_that_are_counted() -> None:
    slow = Subscriber(TOPICS, None)
    slow.offer([Frame("payments", "m_1", "{}")] * (subscribing.WAITING_MAX + 7))
    assert slow.dropped == 7


async def test_words_that_are_none_end_the_stream(port: int, reader: httpx.AsyncClient) -> None:
    async with listening(port, reader, topics="metrics") as stream:
        await told(stream, "hello")
        await stream.send('{"type": "shout"}')
        assert await closed_with(stream) == 1008
