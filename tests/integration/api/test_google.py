"""Signing in with Google, against a provider that really signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.integration.api.accounts import ORIGIN, account, trail
from tests.integration.api.harness import api_settings, open_api
from tests.integration.api.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, open_provider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.api.harness import Api

ADA = "ada@example.test"
PERSON = {"sub": "google-17", "email": "Ada@Example.test", "email_verified": True, "name": "Ada"}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with open_provider() as opened:
        opened.person = dict(PERSON)
        yield opened


@pytest.fixture
async def google(database_dsn: str, redis_url: str, provider: Provider) -> AsyncIterator[Api]:
    settings = api_settings(
        database_dsn,
        redis_url,
        google_client_id=CLIENT_ID,
        google_client_secret=CLIENT_SECRET,
        google_issuer=provider.url,
    )
    async with open_api(settings) as opened:
        yield opened


async def back_from(provider_url: str) -> str:
    """Go to the provider as a browser does; give the address that it sends back to."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(provider_url)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def go_through(client: httpx.AsyncClient, goes_to: str = "/payments?status=captured") -> httpx.Response:
    """Sign in with the provider; give the last redirect."""
    start = await client.get("/auth/google/start", params={"next": goes_to})
    assert start.status_code == 302
    return await client.get(await back_from(start.headers["location"]))


async def test_an_account_is_found_by_its_verified_e_mail_and_signed_in(google: Api) -> None:
    await account(google, ADA, "operator")
    client = google.anonymous()
    answer = await go_through(client)
    assert answer.status_code == 302
    assert answer.headers["location"] == "/payments?status=captured&signed_in=google"
    session = await client.post("/auth/refresh", headers=ORIGIN)
    assert session.json()["user"]["email"] == ADA
    assert "user.identity_linked" in [action for action, *_ in await trail(google, "user")]


async def test_an_identity_that_was_linked_is_found_by_its_subject_even_with_another_e_mail(
    google: Api, provider: Provider
) -> None:
    await account(google, ADA)
    await go_through(google.anonymous())
    provider.person |= {"email": "countess@example.test", "email_verified": False}
    client = google.anonymous()
    assert "signed_in=google" in (await go_through(client)).headers["location"]
    assert (await client.post("/auth/refresh", headers=ORIGIN)).json()["user"]["email"] == ADA


async def test_an_invited_account_is_accepted_by_signing_in(google: Api) -> None:
    await account(google, ADA, password=None)
    assert "signed_in=google" in (await go_through(google.anonymous())).headers["location"]
    admin = await google.client("admin")
    [user] = (await admin.get("/users", params={"text": ADA})).json()["items"]
    assert user["status"] == "active"


@pytest.mark.parametrize(
    "person",
    [
        pytest.param({"email": "nobody@example.test"}, id="no-account"),
        pytest.param({"email_verified": False}, id="not-verified"),
        pytest.param({"email_verified": "true"}, id="verified-as-text"),
    ],
)
async def test_who_has_no_account_or_no_verified_e_mail_is_refused(
    google: Api, provider: Provider, person: dict[str, Any]
) -> None:
    await account(google, ADA)
    provider.person |= person
    client = google.anonymous()
    assert (await go_through(client)).headers["location"] == "/sign-in?error=no_account"
    assert "payflow_refresh" not in client.cookies


async def test_a_disabled_account_is_refused_though_it_was_linked(google: Api) -> None:
    user_id = await account(google, ADA)
    await go_through(google.anonymous())
    async with google.services.database.connection() as connection:
        await connection.execute("UPDATE users SET disabled_at = now() WHERE user_id = $1", user_id)
    assert (await go_through(google.anonymous())).headers["location"] == "/sign-in?error=no_account"


async def test_a_second_identity_does_not_take_an_account_over(google: Api, provider: Provider) -> None:
    await account(google, ADA)
    await go_through(google.anonymous())
    provider.person["sub"] = "google-18"
    assert (await go_through(google.anonymous())).headers["location"] == "/sign-in?error=no_account"


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"aud": "another-client"}, id="audience"),
        pytest.param({"iss": "https://evil.example"}, id="issuer"),
        pytest.param({"nonce": "of another attempt"}, id="nonce"),
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"email": None}, id="no-e-mail"),
    ],
)
async def test_an_id_token_for_something_else_is_refused(
    google: Api, provider: Provider, claims: dict[str, Any]
) -> None:
    await account(google, ADA)
    provider.claims = claims
    location = (await go_through(google.anonymous())).headers["location"]
    assert location in {"/sign-in?error=provider_failed", "/sign-in?error=no_account"}


async def test_an_id_token_that_another_key_signed_is_refused(google: Api, provider: Provider) -> None:
    await account(google, ADA)
    provider.foreign_key = True
    location = (await go_through(google.anonymous())).headers["location"]
    assert location == "/sign-in?error=provider_failed"


async def test_an_answer_without_the_browsers_own_attempt_is_refused(google: Api) -> None:
    await account(google, ADA)
    victim, attacker = google.anonymous(), google.anonymous()
    start = await attacker.get("/auth/google/start")
    callback = await back_from(start.headers["location"])
    assert (await victim.get(callback)).headers["location"] == "/sign-in?error=state_invalid"
    await victim.get("/auth/google/start")
    assert (await victim.get(callback)).headers["location"] == "/sign-in?error=state_invalid"


async def test_a_code_is_worth_nothing_without_the_verifier_of_its_attempt(google: Api) -> None:
    await account(google, ADA)
    client, other = google.anonymous(), google.anonymous()
    stolen = await back_from((await other.get("/auth/google/start")).headers["location"])
    start = await client.get("/auth/google/start")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    answer = await client.get("/auth/google/callback", params={"state": state, "code": code})
    assert answer.headers["location"] == "/sign-in?error=provider_failed"


@pytest.mark.parametrize(
    "goes_to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil"]
)
async def test_signing_in_leads_nowhere_but_to_the_console(google: Api, goes_to: str) -> None:
    await account(google, ADA)
    assert (await go_through(google.anonymous(), goes_to)).headers["location"] == "/?signed_in=google"


async def test_what_google_refuses_leads_back_to_the_sign_in_page(google: Api) -> None:
    client = google.anonymous()
    start = await client.get("/auth/google/start")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    answer = await client.get("/auth/google/callback", params={"state": state, "error": "access_denied"})
    assert answer.headers["location"] == "/sign-in?error=cancelled"


async def test_a_provider_that_does_not_answer_leads_back_to_the_sign_in_page(
    database_dsn: str, redis_url: str
) -> None:
    settings = api_settings(
        database_dsn,
        redis_url,
        google_client_id=CLIENT_ID,
        google_client_secret=CLIENT_SECRET,
        google_issuer="http://127.0.0.1:9",
    )
    async with open_api(settings) as opened:
        answer = await opened.anonymous().get("/auth/google/start")
    assert answer.headers["location"] == "/sign-in?error=provider_unavailable"


async def test_without_a_client_google_is_not_offered(api: Api, google: Api) -> None:
    assert (await api.anonymous().get("/auth/providers")).json() == {"google": False}
    assert (await api.anonymous().get("/auth/google/start")).status_code == 404
    assert (await google.anonymous().get("/auth/providers")).json() == {"google": True}
