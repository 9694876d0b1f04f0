"""PostgreSQL away, frozen, or losing commits: told at once, never guessed, and over when it is over."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from payflow.embedded import DataDirectory
from payflow.faults import Proxied, Switches, proxied_postgres

from tests.integration.api.harness import Api, api_settings, open_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx

PATIENCE_S = 30
"""Only so that a hang fails; nothing here claims a time."""


@pytest.fixture
def proxied(database_dsn: str) -> Iterator[Proxied]:
    """A proxy before this test's database."""
    with (
        tempfile.TemporaryDirectory(prefix="payflow-test-") as path,
        DataDirectory(Path(path) / "data") as directory,
    ):
        through = proxied_postgres(directory, database_dsn)
        yield through
        through.stop()


@pytest.fixture
async def fragile(proxied: Proxied, redis_url: str) -> AsyncIterator[Api]:
    """An API whose database can be taken away."""
    async with open_api(api_settings(proxied.endpoint, redis_url)) as opened:
        yield opened
        proxied.proxy.turn(Switches())


async def until_answered(client: httpx.AsyncClient) -> None:
    """Call until a call is answered again."""
    async with asyncio.timeout(PATIENCE_S):
        while (await client.get("/users/me")).status_code != 200:
            pass


async def away(api: Api, client: httpx.AsyncClient) -> None:
    """Call until the outage is known, then see that all calls are refused without waiting."""
    async with asyncio.timeout(PATIENCE_S):
        while api.services.database.breaker.closed:
            await client.get("/users/me")
    answers = await asyncio.gather(*(client.get("/users/me") for _ in range(50)))
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("switches", [Switches(refusing=True), Switches(frozen=True)], ids=["gone", "frozen"])
async def test_while_the_database_is_away_calls_are_told_when_to_come_again(
    fragile: Api, proxied: Proxied, switches: Switches
) -> None:
    client = await fragile.client("operator")
    assert (await client.get("/users/me")).status_code == 200
    proxied.proxy.turn(switches)
    if switches.refusing:
        proxied.proxy.cut()
    await away(fragile, client)
    root = "http://127.0.0.1:8080"
    assert (await client.get(f"{root}/livez")).status_code == 200
    ready = await client.get(f"{root}/readyz")
    assert ready.status_code == 503
    assert ready.json()["reasons"] == ["postgres: down"]
    proxied.proxy.turn(Switches())
    await until_answered(client)


async def test_a_session_that_was_known_is_not_trusted_once_its_news_are_cut_off(
    fragile: Api, proxied: Proxied
) -> None:
    client = await fragile.client("operator")
    assert (await client.get("/users/me")).status_code == 200
    proxied.proxy.turn(Switches(refusing=True))
    proxied.proxy.cut()
    async with asyncio.timeout(PATIENCE_S):
        while (answer := await client.get("/users/me")).status_code == 200:
            pass
    assert answer.status_code == 503
    proxied.proxy.turn(Switches())
    await until_answered(client)
    async with asyncio.timeout(PATIENCE_S):
        await fragile.services.auth.news.listening.wait()


@pytest.mark.parametrize(
    ("switches", "replayed"),
    [(Switches(lost_commits=1), None), (Switches(unanswered_commits=1), "true")],
    ids=["lost", "unanswered"],
)
async def test_a_commit_without_an_answer_is_repeated_safely_with_its_key(
    proxied: Proxied, redis_url: str, switches: Switches, replayed: str | None
) -> None:
    settings = api_settings(proxied.endpoint, redis_url)
    # Without what runs beside the calls, which commits as well and might be struck instead.
    async with open_api(settings, background=False) as api:
        admin = await api.client("admin")
        body = {"email": "ada@example.test", "name": "Ada", "role": "operator"}
        headers = {"idempotency-key": "one"}
        proxied.proxy.turn(switches)
        answer = await admin.post("/users", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        async with asyncio.timeout(PATIENCE_S):
            while (again := await admin.post("/users", json=body, headers=headers)).status_code == 503:
                pass
        assert again.status_code == 201
        assert again.headers.get("idempotency-replayed") == replayed
        found = (await admin.get("/users", params={"text": "ada@"})).json()["items"]
        assert len(found) == 1
