"""Guessing passwords comes to an end, and it is never the owner who is locked out by it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.integration.api.accounts import PASSWORD, account, log_in, signed_in, trail
from tests.integration.api.harness import api_settings, open_api

if TYPE_CHECKING:
    from tests.integration.api.harness import Api

ADA = "ada@example.test"
FAILURES_MAX = 5


async def guess(api: Api, times: int, email: str = ADA, address: str = "203.0.113.9") -> list[str]:
    """Guess wrongly from one address; give the codes of the answers."""
    client = api.anonymous(address=address)
    return [(await log_in(client, email, f"guess number {n:03}")).json()["code"] for n in range(times)]


async def test_after_five_failures_from_an_address_even_the_right_password_waits(api: Api) -> None:
    await account(api, ADA)
    assert await guess(api, FAILURES_MAX) == ["invalid_credentials"] * FAILURES_MAX
    answer = await log_in(api.anonymous(address="203.0.113.9"), ADA)
    assert (answer.status_code, answer.json()["code"]) == (429, "account_locked")
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert (await log_in(api.anonymous(address="203.0.113.10"), ADA)).status_code == 200


async def test_an_account_that_does_not_exist_is_locked_in_the_same_way(api: Api) -> None:
    codes = await guess(api, FAILURES_MAX + 1, "nobody@example.test")
    assert codes == ["invalid_credentials"] * FAILURES_MAX + ["account_locked"]


async def test_guesses_made_at_once_are_counted_before_they_are_looked_at(api: Api) -> None:
    await account(api, ADA)
    client = api.anonymous(address="203.0.113.9")
    answers = await asyncio.gather(*(log_in(client, ADA, f"guess number {n:03}") for n in range(20)))
    codes = [answer.json()["code"] for answer in answers]
    assert codes.count("invalid_credentials") == FAILURES_MAX
    assert codes.count("account_locked") == 20 - FAILURES_MAX


async def test_whoever_guesses_from_everywhere_does_not_lock_the_owners_device_out(
    database_dsn: str, redis_url: str
) -> None:
    settings = api_settings(database_dsn, redis_url, sign_in={"failures_account_max": 10})
    async with open_api(settings) as api:
        await account(api, ADA)
        owner = api.anonymous(address="192.0.2.1")
        await signed_in(owner, ADA)
        for n in range(1, 6):
            await guess(api, 3, address=f"203.0.113.{n}")
        stranger = await log_in(api.anonymous(address="198.51.100.1"), ADA)
        assert stranger.json()["code"] == "account_locked", "all unknown devices share a budget"
        assert (await log_in(owner, ADA)).status_code == 200
        assert ("user.locked", "payflow") in [row[:2] for row in await trail(api, "user")]


async def test_a_known_device_has_a_budget_of_its_own_and_for_its_account_only(api: Api) -> None:
    await account(api, ADA)
    await account(api, "bob@example.test")
    owner = api.anonymous()
    await signed_in(owner, ADA)
    for _ in range(FAILURES_MAX):
        assert (await log_in(owner, ADA, "wrong password")).json()["code"] == "invalid_credentials"
    assert (await log_in(owner, ADA)).json()["code"] == "account_locked"
    assert await guess(api, FAILURES_MAX, "bob@example.test") == ["invalid_credentials"] * FAILURES_MAX
    stolen = api.anonymous(address="203.0.113.9")
    stolen.cookies.update(owner.cookies)
    assert (await log_in(stolen, "bob@example.test")).json()["code"] == "account_locked"


async def test_the_right_password_gives_the_budget_back(api: Api) -> None:
    await account(api, ADA)
    for _ in range(3):
        assert await guess(api, FAILURES_MAX - 1) == ["invalid_credentials"] * (FAILURES_MAX - 1)
        assert (await log_in(api.anonymous(address="203.0.113.9"), ADA)).status_code == 200


async def test_an_address_that_tries_many_accounts_is_stopped(database_dsn: str, redis_url: str) -> None:
    settings = api_settings(database_dsn, redis_url, sign_in={"failures_address_max": 8})
    async with open_api(settings) as api:
        await account(api, ADA)
        for n in range(8):
            assert await guess(api, 1, f"user{n}@example.test") == ["invalid_credentials"]
        assert (await log_in(api.anonymous(address="203.0.113.9"), ADA)).json()["code"] == "account_locked"


async def test_changing_a_password_is_no_way_around_the_budget(api: Api) -> None:
    await account(api, ADA)
    client = api.anonymous()
    await signed_in(client, ADA)
    body = {"current_password": "wrong password", "new_password": "another long password"}
    codes = [(await client.post("/auth/password/change", json=body)).json()["code"] for _ in range(6)]
    assert codes == ["invalid_credentials"] * FAILURES_MAX + ["account_locked"]


async def test_more_sign_ins_at_once_than_there_is_room_for_are_refused_and_the_rest_goes_on(
    database_dsn: str, redis_url: str
) -> None:
    settings = api_settings(database_dsn, redis_url, sign_in={"password_threads": 1, "password_queue_max": 2})
    async with open_api(settings) as api:
        await account(api, ADA)
        clients = [api.anonymous(address=f"192.0.2.{n}") for n in range(12)]
        answers = await asyncio.gather(*(log_in(client, ADA, PASSWORD) for client in clients))
        statuses = [answer.status_code for answer in answers]
        assert statuses.count(200) >= 3
        refused = [answer for answer in answers if answer.status_code != 200]
        assert refused
        assert {answer.json()["code"] for answer in refused} == {"rate_limited"}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
        assert (await log_in(clients[0], ADA)).status_code == 200


@pytest.mark.parametrize(
    "body", [{"email": ADA}, {"email": ADA, "password": ""}, {"email": "x", "password": "y"}]
)
async def test_a_sign_in_that_is_no_sign_in_is_a_fault_of_the_body(api: Api, body: dict[str, str]) -> None:
    answer = await api.anonymous().post("/auth/login", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
    assert "password" not in answer.json().get("input", "")
