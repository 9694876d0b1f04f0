"""One intent is done once, however often and however fast it is asked for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.api.harness import open_api

if TYPE_CHECKING:
    import httpx
    from payflow.settings import Settings

    from tests.integration.api.harness import Api

BODY = {"email": "ada@example.test", "name": "Ada", "role": "operator"}


async def invite(
    client: httpx.AsyncClient, key: str = "one", body: dict[str, Any] | None = None
) -> httpx.Response:
    return await client.post("/users", json=body or BODY, headers={"idempotency-key": key})


async def users(api: Api) -> int:
    async with api.services.database.connection() as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM users WHERE email = $1", BODY["email"])
        return count


async def test_the_same_request_again_gets_the_same_answer(api: Api, admin: httpx.AsyncClient) -> None:
    first, second = await invite(admin), await invite(admin)
    assert (first.status_code, second.status_code) == (201, 201)
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["etag"] == first.headers["etag"]
    assert second.json()["user"] == first.json()["user"]
    assert await users(api) == 1


async def test_another_spelling_of_the_same_body_is_the_same_request(admin: httpx.AsyncClient) -> None:
    await invite(admin)
    spelled = b'{ "role":"operator",\n "name": "\\u0041da", "email":"ada@example.test" }'
    headers = {"idempotency-key": "one", "content-type": "application/json"}
    again = await admin.post("/users", content=spelled, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"


async def test_another_request_under_the_same_key_is_refused(admin: httpx.AsyncClient) -> None:
    await invite(admin)
    answer = await invite(admin, body=BODY | {"name": "Somebody"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_is_its_users_and_its_routes_own(api: Api, admin: httpx.AsyncClient) -> None:
    user = (await invite(admin)).json()["user"]
    other = await api.client("admin", "other")
    assert (await invite(other)).json()["code"] == "conflict", "it was done by somebody else: no replay"
    again = await admin.post(f"/users/{user['user_id']}/invite", headers={"idempotency-key": "one"})
    assert again.status_code == 200
    assert "idempotency-replayed" not in again.headers


async def test_the_same_key_on_another_path_of_the_route_is_another_request(
    admin: httpx.AsyncClient,
) -> None:
    users = [
        (await invite(admin, name, BODY | {"email": f"{name}@example.test"})).json()["user"]
        for name in ("ada", "bob")
    ]
    headers = {"idempotency-key": "again"}
    answers = [await admin.post(f"/users/{user['user_id']}/invite", headers=headers) for user in users]
    assert [answer.status_code for answer in answers] == [200, 422]


async def test_of_twenty_at_once_one_does_it_and_the_others_are_told(
    api: Api, admin: httpx.AsyncClient
) -> None:
    answers = await asyncio.gather(*(invite(admin) for _ in range(20)))
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "idempotency_in_flight"
    assert await users(api) == 1
    assert (await invite(admin)).headers["idempotency-replayed"] == "true"


async def test_what_was_refused_is_not_kept(api: Api, admin: httpx.AsyncClient) -> None:
    await invite(admin, "first")
    refused = await invite(admin, "second")
    assert refused.json()["code"] == "conflict"
    async with api.services.database.connection() as connection:
        await connection.execute(
            "UPDATE users SET email = 'moved@example.test' WHERE email = $1", BODY["email"]
        )
    assert (await invite(admin, "second")).status_code == 201


@pytest.mark.parametrize("key", [None, "", '""', "x" * 256, "sp\tace", "gr\u00fc\u00df"])
async def test_a_key_that_is_missing_or_breaks_the_rule_is_refused(
    admin: httpx.AsyncClient, key: str | None
) -> None:
    headers = [] if key is None else [(b"idempotency-key", key.encode("latin-1"))]
    answer = await admin.post("/users", json=BODY, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


async def test_a_key_is_kept_for_a_day_and_then_forgotten(settings: Settings, moving_clock: Any) -> None:
    from payflow.api.routing.idempotency import forget_expired  # noqa: PLC0415

    async with open_api(settings, clock=moving_clock) as api:
        admin = await api.client("admin")
        await invite(admin)
        moving_clock.move(timedelta(hours=23))
        admin = api.anonymous({"authorization": f"Bearer {await api.sign_in('admin')}"})
        assert (await invite(admin)).headers["idempotency-replayed"] == "true"
        moving_clock.move(timedelta(hours=1, seconds=1))
        admin = api.anonymous({"authorization": f"Bearer {await api.sign_in('admin')}"})
        assert (await invite(admin)).json()["code"] == "conflict", "it is asked for anew"
        async with api.services.database.connection() as connection:
            assert await forget_expired(connection, moving_clock()) == 1
