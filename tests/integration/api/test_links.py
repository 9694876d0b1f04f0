"""Passwords: changed by who knows them, reset and first set by one-time links."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.api.accounts import PASSWORD, account, log_in, signed_in, token_of, trail
from tests.integration.api.harness import api_settings, idempotent, open_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tests.integration.api.harness import Api

ADA = "ada@example.test"
NEW = "an entirely new password"


@pytest.fixture
async def mailing(database_dsn: str, redis_url: str, moving_clock: Any) -> AsyncIterator[Api]:
    """An API that prints its mails."""
    settings = api_settings(database_dsn, redis_url, sign_in={"mail_url": "print:"})
    async with open_api(settings, clock=moving_clock) as opened:
        yield opened


async def forgotten(api: Api, email: str) -> list[str]:
    """Ask for a reset; give the mails that were printed."""
    answer = await api.anonymous().post("/auth/password/forgot", json={"email": email})
    assert (answer.status_code, answer.content) == (202, b"")
    await api.services.auth.mailer.settled()
    return api.printed


async def reset(api: Api, token: str, password: str = NEW) -> httpx.Response:
    """Set a password by a link's token."""
    return await api.anonymous().post("/auth/password/reset", json={"token": token, "new_password": password})


async def test_a_forgotten_password_is_reset_once_and_ends_every_session(mailing: Api) -> None:
    await account(mailing, ADA)
    client = mailing.anonymous()
    await signed_in(client, ADA)
    [mail] = await forgotten(mailing, "ADA@example.test")
    assert mail.startswith(f"mail to={ADA}")
    assert "http://127.0.0.1:8080/reset-password?token=" in mail
    assert (await reset(mailing, token_of(mail))).status_code == 204
    assert (await client.get("/users/me")).json()["code"] == "session_revoked"
    assert (await log_in(client, ADA, PASSWORD)).json()["code"] == "invalid_credentials"
    assert (await log_in(client, ADA, NEW)).status_code == 200
    again = await reset(mailing, token_of(mail), "yet another password")
    assert (again.status_code, again.json()["code"]) == (410, "link_invalid")
    assert "user.password_reset" in [action for action, *_ in await trail(mailing, "user")]


async def test_the_link_names_the_configured_place_whatever_host_the_request_names(mailing: Api) -> None:
    await account(mailing, ADA)
    await mailing.anonymous({"host": "evil.example"}).post("/auth/password/forgot", json={"email": ADA})
    await mailing.services.auth.mailer.settled()
    assert "evil.example" not in mailing.printed[0]


async def test_nobody_learns_whether_an_account_exists(mailing: Api) -> None:
    assert await forgotten(mailing, "nobody@example.test") == []


async def test_one_account_gets_three_mails_an_hour_at_most(mailing: Api) -> None:
    await account(mailing, ADA)
    for _ in range(5):
        await forgotten(mailing, ADA)
    assert len(mailing.printed) == 3
    assert [(await reset(mailing, token_of(mail))).status_code for mail in mailing.printed] == [410, 410, 204]


async def test_a_link_expires(mailing: Api, moving_clock: Any) -> None:
    await account(mailing, ADA)
    [mail] = await forgotten(mailing, ADA)
    moving_clock.move(timedelta(minutes=31))
    assert (await reset(mailing, token_of(mail))).json()["code"] == "link_invalid"


async def test_of_two_who_use_a_link_at_once_one_does(mailing: Api) -> None:
    await account(mailing, ADA)
    [mail] = await forgotten(mailing, ADA)
    answers = await asyncio.gather(
        *(reset(mailing, token_of(mail), f"{NEW} {number}") for number in range(2))
    )
    assert sorted(answer.status_code for answer in answers) == [204, 410]


async def test_a_password_that_breaks_the_rule_does_not_use_the_link_up(mailing: Api) -> None:
    await account(mailing, ADA)
    [mail] = await forgotten(mailing, ADA)
    for bad, rule in (("short", "at least 12"), (ADA, "e-mail"), ("a" * 12, "one character")):
        answer = await reset(mailing, token_of(mail), bad)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
        [fault] = answer.json()["errors"]
        assert fault["pointer"] == "/new_password"
        assert rule in fault["detail"]
    assert (await reset(mailing, token_of(mail))).status_code == 204


async def test_an_invitation_sets_the_first_password(mailing: Api) -> None:
    admin = await mailing.client("admin")
    body = {"email": ADA, "name": "Ada", "role": "operator"}
    answer = await admin.post("/users", json=body, headers=idempotent())
    assert answer.status_code == 201
    assert answer.json()["user"]["status"] == "invited"
    url = answer.json()["invitation_url"]
    await mailing.services.auth.mailer.settled()
    assert url in mailing.printed[0]
    assert (await reset(mailing, token_of(url))).status_code == 204
    client = mailing.anonymous()
    await signed_in(client, ADA, NEW)
    assert (await client.get("/users/me")).json()["role"] == "operator"


async def test_a_replayed_invitation_comes_without_its_link(mailing: Api) -> None:
    admin = await mailing.client("admin")
    headers, body = idempotent(), {"email": ADA, "name": "Ada", "role": "operator"}
    first = await admin.post("/users", json=body, headers=headers)
    second = await admin.post("/users", json=body, headers=headers)
    assert second.status_code == 201
    assert second.headers["idempotency-replayed"] == "true"
    assert second.json() == first.json() | {"invitation_url": None}
    async with mailing.services.database.connection() as connection:
        stored = await connection.fetchval("SELECT body FROM idempotency_keys")
    assert token_of(first.json()["invitation_url"]).encode() not in stored


async def test_a_second_invitation_replaces_the_first_and_an_active_account_needs_none(mailing: Api) -> None:
    admin = await mailing.client("admin")
    body = {"email": ADA, "name": "Ada", "role": "operator"}
    first = (await admin.post("/users", json=body, headers=idempotent())).json()
    path = f"/users/{first['user']['user_id']}/invite"
    second = (await admin.post(path, headers=idempotent())).json()
    assert (await reset(mailing, token_of(first["invitation_url"]))).json()["code"] == "link_invalid"
    assert (await reset(mailing, token_of(second["invitation_url"]))).status_code == 204
    third = await admin.post(path, headers=idempotent())
    assert (third.status_code, third.json()["code"]) == (409, "conflict")


async def test_changing_ones_password_ends_all_other_sessions(api: Api) -> None:
    await account(api, ADA)
    here, there = api.anonymous(), api.anonymous()
    await signed_in(here, ADA)
    await signed_in(there, ADA)
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert (await here.post("/auth/password/change", json=body)).status_code == 204
    assert (await here.get("/users/me")).status_code == 200
    assert (await there.get("/users/me")).json()["code"] == "session_revoked"
    assert (await log_in(api.anonymous(), ADA, NEW)).status_code == 200


async def test_the_database_holds_neither_passwords_nor_tokens(mailing: Api) -> None:
    await account(mailing, ADA)
    client = mailing.anonymous()
    answer = await signed_in(client, ADA)
    [mail] = await forgotten(mailing, ADA)
    secrets = [
        PASSWORD,
        token_of(mail),
        client.cookies["payflow_refresh"],
        client.cookies["payflow_device"],
        answer.json()["access_token"],
    ]
    async with mailing.services.database.connection() as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            rows = str(await connection.fetch(f"SELECT t::text FROM {table} AS t"))  # noqa: S608
            assert [secret for secret in secrets if secret in rows] == [], table
