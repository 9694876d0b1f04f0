"""Alerts are listed by every filter, worked on by a machine with typed conflicts, and never forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from payflow.api.alerts.triage import wake

from tests.integration.api.harness import idempotent
from tests.integration.quarantine.yard import fact

if TYPE_CHECKING:
    import httpx

    from tests.integration.api.books import Books
    from tests.integration.api.harness import Api

LARGE = 5_000_000


def large(payment_id: str) -> dict[str, Any]:
    """An authorization that raises one alert of severity high."""
    return fact(payment_id, "authorization.succeeded", f"auth-{payment_id}", LARGE)


@pytest.fixture
async def alert(books: Books, operator: httpx.AsyncClient) -> dict[str, Any]:
    await books.book(large("p"))
    [found] = (await operator.get("/alerts")).json()["items"]
    return dict(found)


async def act(client: httpx.AsyncClient, alert: dict[str, Any], action: str, **body: Any) -> httpx.Response:
    headers = idempotent() | {"if-match": f'"{alert["version"]}"'}
    path = f"/alerts/{alert['alert_id']}/{action}"
    return await client.post(path, headers=headers, json=body or None)


async def done(client: httpx.AsyncClient, alert: dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
    answer = await act(client, alert, action, **body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
    return dict(answer.json())


async def test_what_a_rule_raised_names_rule_payment_and_event(alert: dict[str, Any]) -> None:
    assert alert["rule"]["name"] == alert["title"] == "high_value"
    assert alert["description"].startswith("A payment of about 10,000 euros")
    told = {
        name: alert[name] for name in ("severity", "status", "payment_id", "source", "verdict", "version")
    }
    assert told == {
        "severity": "high",
        "status": "open",
        "payment_id": "p",
        "source": "stripe",
        "verdict": "apply",
        "version": 1,
    }
    assert alert["created_at"] == alert["updated_at"]


async def test_from_open_to_resolved_and_back_with_a_history_that_says_who(
    api: Api, operator: httpx.AsyncClient, alert: dict[str, Any]
) -> None:
    alert = await done(operator, alert, "acknowledge")
    assert (alert["status"], alert["assignee"]["name"]) == ("acknowledged", "Operator")
    until = (api.services.clock() + timedelta(hours=1)).isoformat()
    alert = await done(operator, alert, "snooze", until=until)
    assert alert["status"] == "snoozed"
    alert = await done(operator, alert, "resolve", outcome="false_positive", note="a known customer")
    assert (alert["status"], alert["outcome"], alert["note"]) == (
        "resolved",
        "false_positive",
        "a known customer",
    )
    assert alert["resolved_at"] is not None
    alert = await done(operator, alert, "reopen", note="not so sure")
    assert (alert["status"], alert["outcome"], alert["resolved_at"], alert["version"]) == (
        "open",
        None,
        None,
        5,
    )
    detail = (await operator.get(f"/alerts/{alert['alert_id']}")).json()
    assert detail | alert == detail
    assert [entry["action"] for entry in detail["history"]] == [
        "alert.reopened",
        "alert.resolved",
        "alert.snoozed",
        "alert.acknowledged",
    ]
    assert {entry["actor"] for entry in detail["history"]} == {"user:operator@example.test"}
    assert detail["history"][1]["note"] == "a known customer"
    assert detail["history"][3]["details"]["status"] == {"from": "open", "to": "acknowledged"}
    assert detail["payment"]["amount_minor"] == LARGE
    assert detail["rule_detail"]["enabled"] is True
    assert detail["allowed_actions"] == ["acknowledge", "assign", "snooze", "resolve"]


async def test_a_step_that_the_state_does_not_allow_is_a_conflict_that_says_what_is(
    operator: httpx.AsyncClient, alert: dict[str, Any]
) -> None:
    alert = await done(operator, alert, "resolve", outcome="fixed", note="done")
    for action, body in (("acknowledge", {}), ("assign", {"assignee": None})):
        answer = await act(operator, alert, action, **body)
        assert answer.status_code == 409
        problem = answer.json()
        assert (problem["code"], problem["allowed_actions"]) == ("alert_state_conflict", ["reopen"])


async def test_of_twenty_who_acknowledge_at_once_one_does(
    operator: httpx.AsyncClient, alert: dict[str, Any], books: Books
) -> None:
    answers = await asyncio.gather(*(act(operator, alert, "acknowledge") for _ in range(20)))
    codes = Counter(answer.status_code for answer in answers)
    assert codes[200] == 1
    assert codes.keys() <= {200, 412, 503}
    recorded = "SELECT count(*) FROM audit_logs WHERE action = 'alert.acknowledged'"
    assert await books.rows(recorded) == [(1,)]


async def test_the_same_intent_twice_is_one_step_with_one_answer(
    operator: httpx.AsyncClient, alert: dict[str, Any]
) -> None:
    headers = idempotent() | {"if-match": '"1"'}
    path = f"/alerts/{alert['alert_id']}/acknowledge"
    first, second = [await operator.post(path, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"


async def test_what_was_seen_before_a_change_can_not_decide(
    operator: httpx.AsyncClient, alert: dict[str, Any]
) -> None:
    await done(operator, alert, "acknowledge")
    answer = await act(operator, alert, "resolve", outcome="fixed", note="done")
    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")


async def test_a_snooze_ends_by_itself_on_read_and_on_record(
    api: Api, operator: httpx.AsyncClient, alert: dict[str, Any], books: Books
) -> None:
    until = (api.services.clock() + timedelta(days=1)).isoformat()
    alert = await done(operator, alert, "snooze", until=until)
    await books.rows("UPDATE alerts SET snoozed_until = now() - interval '1 second'")
    read = (await operator.get(f"/alerts/{alert['alert_id']}")).json()
    assert (read["status"], read["snoozed_until"]) == ("open", None)
    assert len((await operator.get("/alerts", params={"status": "open"})).json()["items"]) == 1
    assert (await operator.get("/alerts", params={"status": "snoozed"})).json()["items"] == []
    async with api.services.database.connection() as connection:
        await wake(connection, api.services.clock())
    woken = "SELECT actor FROM audit_logs WHERE action = 'alert.woken'"
    assert await books.rows(woken) == [("payflow",)]
    assert await books.rows("SELECT status, version FROM alerts") == [("open", read["version"])]
    assert (await done(operator, read, "acknowledge"))["status"] == "acknowledged"


@pytest.mark.parametrize("ahead", [timedelta(seconds=-1), timedelta(days=91)])
async def test_a_snooze_ends_within_ninety_days(
    api: Api, operator: httpx.AsyncClient, alert: dict[str, Any], ahead: timedelta
) -> None:
    answer = await act(operator, alert, "snooze", until=(api.services.clock() + ahead).isoformat())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/until"


async def test_an_alert_goes_to_somebody_who_may_act(
    api: Api, operator: httpx.AsyncClient, reader: httpx.AsyncClient, alert: dict[str, Any], books: Books
) -> None:
    ids = dict(await books.rows("SELECT role, user_id::text FROM users"))
    alert = await done(operator, alert, "assign", assignee=ids["operator"])
    assert alert["assignee"] == {"user_id": ids["operator"], "name": "Operator"}
    nobody = "00000000-0000-4000-8000-000000000000"
    for unfit in (ids["read_only"], nobody):
        answer = await act(operator, alert, "assign", assignee=unfit)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/assignee")
    alert = await done(operator, alert, "assign", assignee=None)
    assert alert["assignee"] is None


async def test_one_made_by_hand_has_a_title_and_no_rule(operator: httpx.AsyncClient, books: Books) -> None:
    await books.book(large("p"))
    body = {"severity": "critical", "title": "Phone call", "description": "They say", "payment_id": "p"}
    answer = await operator.post("/alerts", json=body, headers=idempotent())
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/alerts/{made['alert_id']}"
    assert {name: made[name] for name in body} == body
    assert (made["rule"], made["merchant_id"], made["status"]) == (None, "m_1", "open")
    body["payment_id"] = "nowhere"
    answer = await operator.post("/alerts", json=body, headers=idempotent())
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/payment_id")
    page = await operator.get("/alerts", params={"text": "phone"})
    assert [found["title"] for found in page.json()["items"]] == ["Phone call"]


async def test_a_deleted_alert_is_kept_by_the_trail_and_raised_by_its_event_no_more(
    admin: httpx.AsyncClient, operator: httpx.AsyncClient, alert: dict[str, Any], books: Books
) -> None:
    path, headers = f"/alerts/{alert['alert_id']}", {"if-match": '"1"'}
    assert (await operator.delete(path, headers=headers | idempotent())).status_code == 403
    assert (await admin.delete(path, headers=headers | idempotent())).status_code == 204
    assert (await admin.get(path)).status_code == 404
    assert (await admin.get("/alerts")).json()["items"] == []
    kept = "SELECT details #>> '{alert,title}', payment_id FROM audit_logs WHERE action = 'alert.deleted'"
    assert await books.rows(kept) == [("high_value", "p")]
    assert await books.rows("SELECT count(*) FROM alerts") == [(1,)]


async def test_each_filter_narrows_and_they_hold_together(
    operator: httpx.AsyncClient, alert: dict[str, Any], books: Books
) -> None:
    await books.book(large("p_other"), fact("q", "authorization.succeeded", "a", 100))
    await books.book(fact("q", "authorization.succeeded", "a", 200))
    await done(operator, alert, "acknowledge")

    async def found(**filters: Any) -> list[str]:
        answer = await operator.get("/alerts", params=filters)
        assert answer.status_code == 200, answer.text
        return [f"{item['payment_id']}:{item['title']}" for item in answer.json()["items"]]

    high, other, conflict = "p:high_value", "p_other:high_value", "q:conflict"
    assert await found() == [conflict, other, high]
    assert await found(sort="created_at") == [high, other, conflict]
    assert await found(sort="-severity") == [conflict, other, high]
    assert await found(sort="severity") == [high, other, conflict]
    assert await found(status=["open"]) == [conflict, other]
    assert await found(status=["acknowledged", "resolved"]) == [high]
    assert await found(severity=["critical"]) == [conflict]
    assert await found(rule="high_value", status="open") == [other]
    assert await found(assignee="me") == [high]
    assert await found(assignee="none") == [conflict, other]
    assert await found(payment_id="p") == [high]
    assert await found(text="p_o") == [other]
    assert await found(text="HIGH") == [other, high]
    assert await found(created_from="2000-01-01T00:00:00Z", severity="info") == []
    assert await found(created_to="2000-01-01T00:00:00Z") == []


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "severity", "-severity"])
async def test_pages_follow_one_another_forwards_and_back(
    operator: httpx.AsyncClient, books: Books, sort: str
) -> None:
    await books.book(*(large(f"p{number}") for number in range(7)))
    await books.book(fact("p0", "authorization.succeeded", "auth-p0", 1))
    params: dict[str, Any] = {"sort": sort, "limit": 3, "count": "true"}
    pages = [(await operator.get("/alerts", params=params)).json()]
    while pages[-1]["next_cursor"]:
        following = params | {"cursor": pages[-1]["next_cursor"]}
        pages.append((await operator.get("/alerts", params=following)).json())
    ids = [[item["alert_id"] for item in page["items"]] for page in pages]
    whole = (await operator.get("/alerts", params={"sort": sort})).json()["items"]
    assert list(chain.from_iterable(ids)) == [item["alert_id"] for item in whole]
    assert pages[0]["count"] == {"value": 8, "capped": False}
    back = (await operator.get("/alerts", params=params | {"cursor": pages[-1]["prev_cursor"]})).json()
    assert [item["alert_id"] for item in back["items"]] == ids[-2]
    other = await operator.get(
        "/alerts", params={"sort": sort, "status": "open", "cursor": pages[0]["next_cursor"]}
    )
    assert other.status_code == 400


@pytest.mark.parametrize("name", ["0", "x", "1" * 30, "-1"])
async def test_an_id_that_nothing_has_is_not_found(operator: httpx.AsyncClient, name: str) -> None:
    assert (await operator.get(f"/alerts/{name}")).json()["code"] == "not_found"
    headers = idempotent() | {"if-match": '"1"'}
    answer = await operator.post(f"/alerts/{name}/acknowledge", headers=headers)
    assert answer.json()["code"] == "not_found"
