"""The stream tells what changes to whoever may hear it, lets them resume, and drops whoever is too slow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from payflow.api.routing import Access, Role
from payflow.api.stream import access, resuming, subscriber
from payflow.api.stream import socket as stream_socket
from websockets.exceptions import ConnectionClosed

from tests.integration.api.harness import idempotent, open_api
from tests.integration.api.listening import DEADLINE_S, Server, listening, serving, ticket_of
from tests.integration.quarantine.yard import authorized, captured, fact

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from payflow.settings import Settings

    from tests.integration.api.books import Books
    from tests.integration.api.harness import Api
    from tests.integration.api.listening import Listener


@pytest.fixture
async def server(api: Api) -> AsyncIterator[Server]:
    async with serving(api) as running:
        yield running


async def closed(listener: Listener) -> tuple[int | None, str]:
    """Hear until the connection is closed; give the code and the reason."""
    with pytest.raises(ConnectionClosed):
        await listener.until(lambda _message: False)
    return listener.connection.close_code, listener.connection.close_reason or ""


async def test_a_payment_is_told_as_it_is_after_the_delivery(
    server: Server, reader: httpx.AsyncClient, books: Books
) -> None:
    async with listening(server, await ticket_of(reader), topics="payments") as listener:
        await books.book(authorized("p"))
        await listener.typed("payment.changed")
        await books.book(captured("p", "c", 700))
        told = await listener.until(lambda message: message.get("data", {}).get("captured_minor") == 700)
    assert told["topic"] == "payments"
    data = told["data"]
    assert data.pop("updated_at").endswith("Z")
    assert data == {
        "payment_id": "p",
        "merchant_id": "m_1",
        "status": "partially_captured",
        "dispute_status": "none",
        "version": 2,
        "amount_minor": 1_000,
        "captured_minor": 700,
        "refunded_minor": 0,
        "currency": "EUR",
        "exponent": 2,
        "verdict": "apply",
    }


async def test_alerts_are_told_when_they_are_raised_and_when_somebody_acts(
    server: Server, operator: httpx.AsyncClient, admin: httpx.AsyncClient, books: Books
) -> None:
    async with listening(server, await ticket_of(operator), topics="alerts") as listener:
        await books.book(authorized("p", 5_000_000))
        created = await listener.typed("alert.created")
        assert created["data"] == (await operator.get("/alerts")).json()["items"][0]
        path = f"/alerts/{created['data']['alert_id']}"
        headers = idempotent() | {"if-match": '"1"'}
        await operator.post(f"{path}/acknowledge", headers=headers)
        changed = await listener.typed("alert.changed")
        assert (changed["data"]["status"], changed["data"]["assignee"]["name"]) == (
            "acknowledged",
            "Operator",
        )
        await admin.delete(path, headers=idempotent() | {"if-match": '"2"'})
        gone = await listener.typed("alert.deleted")
        assert gone["data"] == {"alert_id": created["data"]["alert_id"]}


async def test_an_alert_that_is_made_by_hand_is_told_too(
    server: Server, reader: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    async with listening(server, await ticket_of(reader), topics="alerts") as listener:
        body = {"severity": "high", "title": "Look", "description": "Something is odd"}
        made = (await operator.post("/alerts", json=body, headers=idempotent())).json()
        assert (await listener.typed("alert.created"))["data"] == made


async def test_figures_are_told_every_second(server: Server, reader: httpx.AsyncClient, books: Books) -> None:
    async with listening(server, await ticket_of(reader), topics="metrics") as listener:
        await listener.typed("metrics.tick")
        await books.book(*(authorized(f"p{number}", 5_000_000) for number in range(20)))
        told = await listener.until(lambda message: message.get("data", {}).get("received_per_s", 0) > 0)
        assert told["data"]["applied_per_s"] == told["data"]["received_per_s"]
        await listener.until(lambda message: message.get("data", {}).get("alerts_open") == 20)


async def test_a_reader_hears_its_topics_and_its_merchant_and_may_change_its_mind(
    server: Server, reader: httpx.AsyncClient, books: Books
) -> None:
    def of(payment_id: str, merchant_id: str) -> dict[str, Any]:
        return authorized(payment_id) | {"merchant_id": merchant_id}

    ticket = await ticket_of(reader)
    async with listening(server, ticket, topics="payments", merchant_id="m_a") as listener:
        await books.book(of("b1", "m_b"), of("a1", "m_a"))
        assert (await listener.next())["data"]["payment_id"] == "a1"
        await listener.say({"type": "filter", "topics": ["payments"], "merchant_id": "m_b"})
        await listener.say({"type": "pong"})

        async def deliver() -> None:
            for number in range(1_000):
                await books.book(of(f"b{number}x", "m_b"))

        delivering = asyncio.create_task(deliver())
        told = await listener.typed("payment.changed")
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
    assert told["data"]["merchant_id"] == "m_b"


async def test_who_comes_back_hears_what_was_missed_and_nothing_older(
    server: Server, reader: httpx.AsyncClient, operator: httpx.AsyncClient, books: Books
) -> None:
    async with listening(server, await ticket_of(reader), topics="payments,alerts") as listener:
        await books.book(authorized("before"))
        told = await listener.typed("payment.changed")
        await books.book(authorized("last"))
        told = await listener.until(lambda message: message.get("data", {}).get("payment_id") == "last")
    await books.book(authorized("missed", 5_000_000), captured("before"))
    ticket = await ticket_of(reader)
    async with listening(server, ticket, hello=False, topics="payments,alerts", since=told["id"]) as listener:
        hello = await listener.next()
        assert hello == {"type": "hello", "data": {"resumed": True, "last_id": told["id"]}}
        heard = [await listener.next() for _ in range(3)]
    about = {(message["type"], message["data"]["payment_id"]) for message in heard}
    assert about >= {
        ("payment.changed", "missed"),
        ("payment.changed", "before"),
        ("alert.created", "missed"),
    }


async def test_who_missed_too_much_is_told_to_read_its_pages_again(
    server: Server, reader: httpx.AsyncClient, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "MISSED_MAX", 3)
    await books.book(*(authorized(f"p{number}") for number in range(5)))
    async with listening(server, await ticket_of(reader), hello=False, since=0) as listener:
        hello = await listener.next()
    assert hello["data"]["resumed"] is False
    assert int(hello["data"]["last_id"]) >= 5


async def test_a_row_that_is_committed_late_is_told_and_the_place_to_resume_waits_for_it(
    server: Server, reader: httpx.AsyncClient, books: Books, database_dsn: str
) -> None:
    late = await asyncpg.connect(database_dsn)
    try:
        async with listening(server, await ticket_of(reader), topics="payments") as listener:
            await books.book(authorized("p"))
            await listener.typed("payment.changed")
            slow = late.transaction()
            await slow.start()
            await late.execute("SELECT pg_current_xact_id()")
            drawn = await late.fetchval("SELECT nextval('audit_logs_audit_id_seq')")
            await books.book(authorized("q"))
            told = await listener.until(lambda message: message.get("data", {}).get("payment_id") == "q")
            assert int(told["id"]) < drawn
            await late.execute(
                """
                INSERT INTO audit_logs (
                    audit_id, occurrence, action, actor, recorded_at, subject_kind, subject_id, payment_id)
                OVERRIDING SYSTEM VALUE VALUES ($1, $1, 'payment.noted', 'user:a', now(), 'payment', 'p', 'p')
                """,
                drawn,
            )
            await slow.commit()
            told = await listener.until(lambda message: message.get("data", {}).get("payment_id") == "p")
            assert told["data"]["verdict"] is None
    finally:
        await late.close()


async def test_whoever_does_not_read_is_told_and_dropped_and_holds_nobody_up(
    server: Server, api: Api, reader: httpx.AsyncClient, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber, "FRAMES_MAX", 20)
    hub = api.services.hub
    hub._pending._per_s = 1_000
    async with (
        listening(server, await ticket_of(reader), topics="payments") as slow,
        listening(server, await ticket_of(reader), topics="payments") as quick,
    ):
        slow.connection.transport.pause_reading()
        number = 0
        async with asyncio.timeout(DEADLINE_S):
            while not any(one.dropped for one in hub.subscribers):
                batch = [authorized(f"p{number + more}") for more in range(15)]
                number += len(batch)
                await books.book(*batch)
                for _ in batch:
                    await quick.typed("payment.changed")
        slow.connection.transport.resume_reading()
        assert await closed(slow) == (stream_socket.TOO_SLOW, "the reader is too slow")
        assert slow.heard[-1]["type"] == "lagging"
        assert slow.heard[-1]["data"]["dropped"] >= 1
        await books.book(authorized("after"))
        await quick.until(lambda message: message.get("data", {}).get("payment_id") == "after")


async def test_a_reader_whose_session_ends_is_closed_at_once(
    server: Server, api: Api, reader: httpx.AsyncClient, admin: httpx.AsyncClient, books: Books
) -> None:
    [(user_id,)] = await books.rows("SELECT user_id::text FROM users WHERE role = 'read_only'")
    async with listening(server, await ticket_of(reader), topics="metrics") as listener:
        await listener.typed("metrics.tick")
        etag = (await admin.get(f"/users/{user_id}")).headers["etag"]
        answer = await admin.patch(
            f"/users/{user_id}", json={"disabled": True}, headers=idempotent() | {"if-match": etag}
        )
        assert answer.status_code == 200, answer.text
        assert (await closed(listener))[0] == 4001


async def test_a_change_of_role_ends_the_stream_and_the_next_ticket_is_for_the_new_one(
    server: Server,
    operator: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    books: Books,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [(user_id,)] = await books.rows("SELECT user_id::text FROM users WHERE role = 'operator'")

    async def become(role: str) -> None:
        etag = (await admin.get(f"/users/{user_id}")).headers["etag"]
        headers = idempotent() | {"if-match": etag}
        answer = await admin.patch(f"/users/{user_id}", json={"role": role}, headers=headers)
        assert answer.status_code == 200, answer.text

    async with listening(server, await ticket_of(operator), topics="metrics") as listener:
        await become("read_only")
        assert (await closed(listener))[0] == 4001
    async with listening(server, await ticket_of(operator), topics="metrics") as listener:
        await listener.typed("metrics.tick")
        await become("operator")
        assert (await closed(listener))[0] == 4001
    async with listening(server, await ticket_of(operator), topics="metrics") as listener:
        monkeypatch.setattr(access, "ACCESS", Access.at_least(Role.OPERATOR))
        await become("read_only")
        assert (await closed(listener))[0] == 4003


async def test_a_ticket_opens_one_connection_and_only_for_a_moment(
    server: Server, reader: httpx.AsyncClient
) -> None:
    ticket = await ticket_of(reader)
    async with listening(server, ticket):
        pass
    for unfit in (ticket, ticket[:-2] + "xx", "", "x" * 600):
        async with listening(server, unfit, hello=False) as listener:
            assert (await closed(listener))[0] == 4001


async def test_a_ticket_of_yesterday_opens_nothing(
    settings: Settings, moving_clock: Any, books: Books
) -> None:
    from datetime import timedelta  # noqa: PLC0415

    async with open_api(settings, clock=moving_clock) as api, serving(api) as server:
        ticket = await ticket_of(await api.client("read_only"))
        moving_clock.move(timedelta(seconds=31))
        async with listening(server, ticket, hello=False) as listener:
            assert (await closed(listener))[0] == 4001


@pytest.mark.parametrize(
    "query",
    [{"topics": "payments,nothing"}, {"since": "x"}, {"since": "-1"}, {"merchant_id": ""}, {"more": "1"}],
    ids=str,
)
async def test_an_address_that_makes_no_sense_is_closed_with_the_reason(
    server: Server, reader: httpx.AsyncClient, query: dict[str, str]
) -> None:
    async with listening(server, await ticket_of(reader), hello=False, **query) as listener:
        code, reason = await closed(listener)
    assert code == 1008
    assert next(iter(query)) in reason


@pytest.mark.parametrize(
    "said", ["{", '{"type": "drop"}', '{"type": "filter", "topics": ["x"]}', b"\x00"], ids=str
)
async def test_a_message_that_makes_no_sense_ends_the_connection(
    server: Server, reader: httpx.AsyncClient, said: Any
) -> None:
    async with listening(server, await ticket_of(reader), topics="alerts") as listener:
        await listener.say(said)
        assert (await closed(listener))[0] == 1008


async def test_connections_are_bounded_for_a_user_and_for_the_process(
    server: Server, api: Api, reader: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    limits = api.services.settings.stream
    object.__setattr__(limits, "connections_user_max", 1)
    try:
        async with listening(server, await ticket_of(reader)):
            async with listening(server, await ticket_of(reader), hello=False) as listener:
                assert (await closed(listener))[0] == 1013
            async with listening(server, await ticket_of(operator)):
                pass
            object.__setattr__(limits, "connections_max", 1)
            async with listening(server, await ticket_of(operator), hello=False) as listener:
                assert (await closed(listener))[0] == 1013
    finally:
        object.__setattr__(limits, "connections_user_max", 20)
        object.__setattr__(limits, "connections_max", 500)


async def test_a_server_that_stops_closes_its_streams_with_a_reason_to_come_back(
    api: Api, reader: httpx.AsyncClient
) -> None:
    async with serving(api) as server, listening(server, await ticket_of(reader)) as listener:
        server.stop()
        assert (await closed(listener))[0] == 1012


async def test_nothing_is_read_while_nobody_listens(
    api: Api, server: Server, reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep = asyncio.Event()
    hub = api.services.hub
    forget = hub._news.forget

    def forgotten() -> None:
        forget()
        asleep.set()

    monkeypatch.setattr(hub._news, "forget", forgotten)
    async with listening(server, await ticket_of(reader)):
        assert hub.begun.is_set()
    async with asyncio.timeout(DEADLINE_S):
        await asleep.wait()
    assert not hub.begun.is_set()


async def test_more_changes_than_the_rate_allows_are_told_later_as_they_are_then(
    server: Server, api: Api, reader: httpx.AsyncClient, books: Books
) -> None:
    api.services.hub._pending._per_s = 5
    async with listening(server, await ticket_of(reader), topics="payments") as listener:
        await books.book(*(authorized(f"p{number}") for number in range(12)))
        await listener.typed("payment.changed")
        await books.book(fact("p11", "capture.succeeded", "c", 300))
        told = await listener.until(lambda message: message.get("data", {}).get("payment_id") == "p11")
    assert told["data"]["captured_minor"] == 300
    frames = [
        message["data"]["payment_id"] for message in listener.heard if message["type"] == "payment.changed"
    ]
    assert frames == [f"p{number}" for number in range(12)]
