"""Users: oneself, one's preferences and sessions, and everybody's administration."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.api.accounts import account, signed_in, trail
from tests.integration.api.harness import idempotent

if TYPE_CHECKING:
    import httpx

    from tests.integration.api.harness import Api

ADA = "ada@example.test"


async def find(admin: httpx.AsyncClient, email: str) -> dict[str, Any]:
    found: dict[str, Any] = (await admin.get("/users", params={"text": email})).json()["items"][0]
    return found


async def patch(admin: httpx.AsyncClient, user: dict[str, Any], **changes: object) -> httpx.Response:
    headers = {**idempotent(), "if-match": user["etag"]}
    return await admin.patch(f"/users/{user['user_id']}", json=changes, headers=headers)


async def test_a_change_needs_the_version_that_was_seen(api: Api, admin: httpx.AsyncClient) -> None:
    await account(api, ADA)
    user = await find(admin, ADA)
    missing = await admin.patch(f"/users/{user['user_id']}", json={"name": "A"}, headers=idempotent())
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    changed = await patch(admin, user, name="Ada Lovelace")
    assert changed.json()["name"] == "Ada Lovelace"
    assert changed.headers["etag"] == changed.json()["etag"] != user["etag"]
    stale = await patch(admin, user, name="Somebody")
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert stale.headers["etag"] == changed.headers["etag"]
    assert ("user.updated", "user:admin@example.test", user["user_id"]) in await trail(api, "user")


async def test_an_account_is_disabled_and_comes_back(api: Api, admin: httpx.AsyncClient) -> None:
    await account(api, ADA)
    gone = await patch(admin, await find(admin, ADA), disabled=True)
    assert gone.json()["status"] == "disabled"
    back = await patch(admin, gone.json(), disabled=False)
    assert back.json()["status"] == "active"


@pytest.mark.parametrize("changes", [{"role": "operator"}, {"disabled": True}])
async def test_the_last_administrator_cannot_be_taken_away(
    admin: httpx.AsyncClient, changes: dict[str, object]
) -> None:
    answer = await patch(admin, await find(admin, "admin@example.test"), **changes)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert (await admin.get("/users")).status_code == 200


async def test_two_administrators_who_demote_each_other_at_once_do_not_both_succeed(api: Api) -> None:
    ada, bob = await api.client("admin", "ada"), await api.client("admin", "bob")
    users = [await find(ada, f"{name}@example.test") for name in ("bob", "ada")]
    answers = await asyncio.gather(
        *(patch(caller, user, role="operator") for caller, user in zip((ada, bob), users, strict=True))
    )
    assert 200 in [answer.status_code for answer in answers]
    statuses = [(await client.get("/users")).status_code for client in (ada, bob)]
    assert sorted(statuses) == [200, 403]


async def test_a_second_account_with_one_e_mail_is_a_conflict(api: Api, admin: httpx.AsyncClient) -> None:
    await account(api, ADA)
    body = {"email": "ADA@EXAMPLE.TEST", "name": "Ada", "role": "operator"}
    answer = await admin.post("/users", json=body, headers=idempotent())
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("sort", ["name", "-name", "created_at", "-created_at"])
async def test_pages_of_users_follow_one_another_forwards_and_back(
    api: Api, admin: httpx.AsyncClient, sort: str
) -> None:
    for name in ("eve", "bob", "dan", "cy"):
        await account(api, f"{name}@example.test")
    whole = (await admin.get("/users", params={"sort": sort})).json()["items"]
    assert len(whole) == 5
    seen, cursor, pages = [], None, []
    while True:
        params = {"sort": sort, "limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await admin.get("/users", params=params)).json()
        pages.append(page)
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == whole
    back = await admin.get("/users", params={"sort": sort, "limit": "2", "cursor": pages[2]["prev_cursor"]})
    assert back.json()["items"] == pages[1]["items"]


async def test_a_cursor_is_good_for_its_own_list_only(api: Api, admin: httpx.AsyncClient) -> None:
    await account(api, ADA)
    cursor = (await admin.get("/users", params={"limit": "1"})).json()["next_cursor"]
    for params in (
        {"cursor": cursor, "sort": "name"},
        {"cursor": cursor, "role": "admin"},
        {"cursor": f"{cursor[:-2]}AA"},
        {"cursor": "nonsense"},
    ):
        answer = await admin.get("/users", params=params)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query"), params
        assert answer.json()["errors"][0]["pointer"] == "/cursor"


async def test_users_are_filtered_and_counted(api: Api, admin: httpx.AsyncClient) -> None:
    await account(api, ADA, "operator")
    await account(api, "bob@example.test", "read_only", password=None)
    for params, expected in (
        ({"role": "operator"}, ["ada@example.test"]),
        ({"status": "invited"}, ["bob@example.test", "admin@example.test"]),
        ({"text": "BOB"}, ["bob@example.test"]),
        ({"text": "%"}, []),
    ):
        answer = (await admin.get("/users", params={**params, "count": "true"})).json()
        assert [user["email"] for user in answer["items"]] == expected
        assert answer["count"] == {"value": len(expected), "capped": False}


async def test_preferences_change_one_by_one(operator: httpx.AsyncClient) -> None:
    first = await operator.patch(
        "/users/me/preferences", json={"theme": "dark", "time_zone": "Europe/Berlin"}
    )
    assert first.status_code == 200
    second = await operator.patch(
        "/users/me/preferences",
        json={"notifications": {"sound": True}, "columns": {"payments": ["payment_id", "status"]}},
    )
    third = await operator.patch("/users/me/preferences", json={"columns": {"alerts": ["severity"]}})
    assert second.status_code == third.status_code == 200
    assert (await operator.get("/users/me")).json()["preferences"] == {
        "theme": "dark",
        "density": "comfortable",
        "time_zone": "Europe/Berlin",
        "notifications": {"alerts_min_severity": "high", "sound": True},
        "columns": {"payments": ["payment_id", "status"], "alerts": ["severity"]},
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"time_zone": "../../etc/passwd"}, "/time_zone"),
        ({"theme": "blue"}, "/theme"),
        ({"notifications": {"volume": 11}}, "/notifications/volume"),
        ({"columns": {"payments": ["x" * 65]}}, "/columns"),
        ({"role": "admin"}, "/role"),
    ],
)
async def test_a_preference_that_breaks_a_rule_is_pointed_to(
    operator: httpx.AsyncClient, body: dict[str, object], pointer: str
) -> None:
    answer = await operator.patch("/users/me/preferences", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_ones_name_changes_for_the_next_call(operator: httpx.AsyncClient) -> None:
    assert (await operator.patch("/users/me", json={"name": "  Grace  "})).json()["name"] == "Grace"
    assert (await operator.get("/users/me")).json()["name"] == "Grace"


async def test_sessions_are_listed_and_ended_from_elsewhere(api: Api) -> None:
    await account(api, ADA)
    here, there = api.anonymous(), api.anonymous({"user-agent": "Elsewhere/1.0"}, address="198.51.100.4")
    await signed_in(here, ADA)
    await signed_in(there, ADA)
    items = (await here.get("/users/me/sessions")).json()["items"]
    assert [(item["current"], item["address"]) for item in items] == [
        (False, "198.51.100.4"),
        (True, "127.0.0.1"),
    ]
    assert items[0]["user_agent"] == "Elsewhere/1.0"
    path = f"/users/me/sessions/{items[0]['session_id']}"
    assert (await here.delete(path)).status_code == 204
    assert (await there.get("/users/me")).json()["code"] == "session_revoked"
    assert (await here.delete(path)).json()["code"] == "not_found"


async def test_nobody_ends_the_sessions_of_others(api: Api, operator: httpx.AsyncClient) -> None:
    await account(api, ADA)
    client = api.anonymous()
    await signed_in(client, ADA)
    session_id = (await client.get("/users/me/sessions")).json()["items"][0]["session_id"]
    assert (await operator.delete(f"/users/me/sessions/{session_id}")).json()["code"] == "not_found"
    assert (await client.get("/users/me")).status_code == 200
