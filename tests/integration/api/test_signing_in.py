"""Signing in, staying signed in, signing out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.api.accounts import ORIGIN, PASSWORD, account, log_in, signed_in, trail
from tests.integration.api.harness import open_api

if TYPE_CHECKING:
    from payflow.settings import Settings

    from tests.integration.api.harness import Api

ADA = "ada@example.test"


async def test_signing_in_gives_a_token_and_a_cookie_that_scripts_cannot_read(api: Api) -> None:
    await account(api, ADA, "operator")
    client = api.anonymous()
    answer = await signed_in(client, "Ada@Example.test")
    assert answer.json()["user"]["email"] == ADA
    assert answer.json()["user"]["role"] == "operator"
    assert answer.json()["user"]["preferences"]["time_zone"] == "UTC"
    assert answer.json()["expires_in_s"] == 600
    refresh = next(
        value for value in answer.headers.get_list("set-cookie") if value.startswith("payflow_refresh=")
    )
    assert "HttpOnly" in refresh
    assert "SameSite=Strict" in refresh
    assert "Path=/api/v1/auth" in refresh
    assert "Secure" not in refresh, "on plain http on this machine a secure cookie would never come back"
    assert (await client.get("/users/me")).json()["email"] == ADA
    assert [action for action, *_ in await trail(api, "session")] == ["session.started"]


async def test_the_cookie_is_secure_wherever_the_name_is_not_this_machines(api: Api) -> None:
    await account(api, ADA)
    client = api.anonymous()
    answer = await client.post(
        "/auth/login", json={"email": ADA, "password": PASSWORD}, headers={"host": "payflow.example.test"}
    )
    assert all("Secure" in value for value in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    ("email", "password"), [(ADA, "not this one here"), ("nobody@example.test", PASSWORD)]
)
async def test_a_wrong_password_and_an_unknown_account_look_the_same(
    api: Api, email: str, password: str
) -> None:
    await account(api, ADA)
    answer = await log_in(api.anonymous(), email, password)
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_credentials"
    assert answer.json()["detail"] == "E-mail or password is wrong"


async def test_an_account_that_is_disabled_or_only_invited_cannot_sign_in(api: Api) -> None:
    await account(api, "invited@example.test", password=None)
    disabled = await account(api, ADA)
    async with api.services.database.connection() as connection:
        await connection.execute("UPDATE users SET disabled_at = now() WHERE user_id = $1", disabled)
    for email in ("invited@example.test", ADA):
        assert (await log_in(api.anonymous(), email)).json()["code"] == "invalid_credentials"


async def test_refreshing_rotates_the_cookie_and_gives_a_new_access_token(api: Api) -> None:
    await account(api, ADA)
    client = api.anonymous()
    first = await signed_in(client, ADA)
    cookie = client.cookies["payflow_refresh"]
    answer = await client.post("/auth/refresh", headers=ORIGIN)
    assert answer.status_code == 200
    assert answer.json()["access_token"] != first.json()["access_token"]
    assert client.cookies["payflow_refresh"] != cookie


async def test_two_tabs_that_refresh_at_once_stay_signed_in(api: Api) -> None:
    await account(api, ADA)
    tab = api.anonymous()
    await signed_in(tab, ADA)
    other = api.anonymous()
    other.cookies.update(tab.cookies)
    answers = await asyncio.gather(*(client.post("/auth/refresh", headers=ORIGIN) for client in (tab, other)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert tab.cookies["payflow_refresh"] == other.cookies["payflow_refresh"], "both go on with one token"
    assert (await other.post("/auth/refresh", headers=ORIGIN)).status_code == 200


async def test_a_refresh_token_that_comes_again_later_ends_the_session_with_an_alert(
    settings: Settings, moving_clock: Any
) -> None:
    async with open_api(settings, clock=moving_clock) as api:
        await account(api, ADA)
        owner = api.anonymous()
        await signed_in(owner, ADA)
        thief = api.anonymous(address="198.51.100.7")
        thief.cookies.set("payflow_refresh", owner.cookies["payflow_refresh"])
        assert (await owner.post("/auth/refresh", headers=ORIGIN)).status_code == 200
        moving_clock.move(timedelta(seconds=11))
        replayed = await thief.post("/auth/refresh", headers=ORIGIN)
        assert (replayed.status_code, replayed.json()["code"]) == (401, "session_revoked")
        assert (await owner.get("/users/me")).json()["code"] == "session_revoked"
        assert (await owner.post("/auth/refresh", headers=ORIGIN)).json()["code"] == "session_revoked"
        assert [action for action, *_ in await trail(api, "session")] == ["session.started", "session.reused"]
        async with api.services.database.connection() as connection:
            alert = await connection.fetchrow("SELECT severity, status, description FROM alerts")
        assert (alert["severity"], alert["status"]) == ("high", "open")
        assert "198.51.100.7" in alert["description"]


async def test_a_made_up_refresh_token_ends_nobodys_session(api: Api) -> None:
    await account(api, ADA)
    owner = api.anonymous()
    await signed_in(owner, ADA)
    genuine = owner.cookies["payflow_refresh"]
    for made_up in (
        genuine[:-2] + ("AA" if genuine[-2:] != "AA" else "BB"),
        "test.AAAA",
        "nonsense",
        genuine + "=",
    ):
        stranger = api.anonymous()
        stranger.cookies.set("payflow_refresh", made_up)
        answer = await stranger.post("/auth/refresh", headers=ORIGIN)
        assert answer.status_code == 401, made_up
        assert answer.json()["code"] == "unauthorized"
    assert (await owner.get("/users/me")).status_code == 200
    assert (await owner.post("/auth/refresh", headers=ORIGIN)).status_code == 200


async def test_a_session_ends_when_it_was_not_used_and_at_the_latest_at_its_age(
    settings: Settings, moving_clock: Any
) -> None:
    async with open_api(settings, clock=moving_clock) as api:
        await account(api, ADA)
        client = api.anonymous()
        await signed_in(client, ADA)
        idle = timedelta(seconds=settings.sign_in.session_idle_max_s)
        for _ in range(4):
            moving_clock.move(idle - timedelta(seconds=1))
            assert (await client.post("/auth/refresh", headers=ORIGIN)).status_code == 200
        moving_clock.move(idle - timedelta(seconds=1))
        answer = await client.post("/auth/refresh", headers=ORIGIN)
        assert answer.json()["code"] == "session_revoked", "four weeks and more are past the age of a session"


@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout"])
@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
    ids=["origin", "null", "fetch-site"],
)
async def test_another_sites_page_cannot_use_the_cookie(api: Api, path: str, headers: dict[str, str]) -> None:
    await account(api, ADA)
    client = api.anonymous()
    await signed_in(client, ADA)
    answer = await client.post(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await client.get("/users/me")).status_code == 200


async def test_signing_out_bites_on_the_next_call_of_every_process(settings: Settings) -> None:
    async with open_api(settings) as api, open_api(settings) as another:
        await account(api, ADA)
        client = api.anonymous()
        await signed_in(client, ADA)
        elsewhere = another.anonymous(dict(client.headers))
        for _ in range(3):
            assert (await elsewhere.get("/users/me")).status_code == 200
        assert (await client.post("/auth/logout", headers=ORIGIN)).status_code == 204
        for caller in (client, elsewhere):
            assert (await caller.get("/users/me")).json()["code"] == "session_revoked"
        assert "payflow_refresh" not in client.cookies
        assert [action for action, *_ in await trail(api, "session")] == [
            "session.started",
            "session.signed_out",
        ]


async def test_a_hash_of_older_parameters_is_renewed_when_its_owner_signs_in(api: Api) -> None:
    import argon2  # noqa: PLC0415

    user_id = await account(api, ADA)
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    async with api.services.database.connection() as connection:
        await connection.execute("UPDATE users SET password_hash = $2 WHERE user_id = $1", user_id, old)
    await signed_in(api.anonymous(), ADA)
    async with api.services.database.connection() as connection:
        renewed = await connection.fetchval("SELECT password_hash FROM users WHERE user_id = $1", user_id)
    assert renewed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    await signed_in(api.anonymous(), ADA)
