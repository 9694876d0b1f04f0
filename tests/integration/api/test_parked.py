"""Parked facts are listed with what they need, and leave by the two ways that operators have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.integration.api.harness import idempotent
from tests.integration.quarantine.yard import authorized, captured, fact

if TYPE_CHECKING:
    import httpx

    from tests.integration.api.books import Books


def path(event: dict[str, Any]) -> str:
    names = (event["payment_id"], event["source"], event["event_id"])
    return "/parked/" + "/".join(quote(name, safe="") for name in names)


async def test_facts_are_listed_longest_first_with_what_they_wait_for(
    books: Books, reader: httpx.AsyncClient
) -> None:
    events = [captured(f"p{number}") for number in range(5)]
    for event in events:
        await books.book(event)
    params: dict[str, Any] = {"limit": 2, "count": "true"}
    first = (await reader.get("/parked", params=params)).json()
    second = (await reader.get("/parked", params=params | {"cursor": first["next_cursor"]})).json()
    back = (await reader.get("/parked", params=params | {"cursor": second["prev_cursor"]})).json()
    assert [item["payment_id"] for item in first["items"] + second["items"]] == ["p0", "p1", "p2", "p3"]
    assert back["items"] == first["items"]
    assert first["count"]["value"] == 5
    told = first["items"][0]
    assert (told["type"], told["reason"]) == ("capture.succeeded", "payment_unknown")
    assert told["waiting_for"] == "an authorization or a sale, which creates the payment"
    found = (await reader.get("/parked", params={"payment_id": "p3"})).json()["items"]
    assert [item["payment_id"] for item in found] == ["p3"]
    assert (await reader.get("/parked", params={"reason": "capture_unknown"})).json()["items"] == []


async def test_a_fact_is_shown_with_its_event_whatever_its_id(
    books: Books, reader: httpx.AsyncClient
) -> None:
    event = captured("p/a") | {"event_id": "evt/1 ?"}
    await books.book(event)
    told = (await reader.get(path(event))).json()
    assert told["payload"] == event
    assert (await reader.get(path(captured("q")))).json()["code"] == "not_found"


async def test_a_discarded_fact_leaves_for_good_with_who_and_why(
    books: Books, operator: httpx.AsyncClient
) -> None:
    event = captured("p")
    await books.book(event)
    discard = f"{path(event)}/discard"
    answer = await operator.post(discard, json={"note": "a test payment"}, headers=idempotent())
    assert answer.status_code == 204
    again = await operator.post(discard, json={"note": "again"}, headers=idempotent())
    assert again.json()["code"] == "not_found"
    await books.book(authorized("p"))
    assert await books.rows("SELECT captured_minor FROM payment_transactions") == [(0,)]
    recorded = "SELECT actor, note FROM audit_logs WHERE action = 'parked_fact.discarded'"
    assert await books.rows(recorded) == [("user:operator@example.test", "a test payment")]


async def test_a_linked_fact_is_applied_where_it_belongs_or_stays(
    books: Books, operator: httpx.AsyncClient
) -> None:
    event = captured("wrong", "c", 700)
    await books.book(event, authorized("right"), fact("small", "authorization.succeeded", "a", 10))
    body = {"to_payment_id": "small", "note": "their reference was wrong"}
    refused = await operator.post(f"{path(event)}/link", json=body, headers=idempotent())
    assert (refused.status_code, refused.json()["verdict"]) == (409, "impossible")
    body["to_payment_id"] = "right"
    linked = await operator.post(f"{path(event)}/link", json=body, headers=idempotent())
    assert linked.json() == {"payment_id": "right", "verdict": "apply", "reason": "applied"}
    sums = "SELECT payment_id, captured_minor FROM payment_transactions ORDER BY 1"
    assert await books.rows(sums) == [("right", 700), ("small", 0), ("wrong", 0)]
