"""What a session may do is asked anew for each call."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest
from payflow.embedded import DataDirectory, EmbeddedValkey
from payflow.embedded.process import Limits

from tests.integration.api.accounts import account, signed_in
from tests.integration.api.harness import api_settings, idempotent, open_api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from payflow.settings import Settings

    from tests.integration.api.harness import Api

ADA = "ada@example.test"


async def change(admin: httpx.AsyncClient, email: str, **changes: object) -> None:
    """Have an administrator change an account."""
    user = (await admin.get("/users", params={"text": email})).json()["items"][0]
    answer = await admin.patch(
        f"/users/{user['user_id']}", json=changes, headers={**idempotent(), "if-match": user["etag"]}
    )
    assert answer.status_code == 200, answer.text


async def test_losing_a_role_bites_on_the_next_call_of_every_process(settings: Settings) -> None:
    async with open_api(settings) as here, open_api(settings) as there:
        await account(here, ADA, "admin")
        client = here.anonymous()
        await signed_in(client, ADA)
        elsewhere = there.anonymous(dict(client.headers))
        root = await here.client("admin", "root")
        for _ in range(3):
            assert (await client.get("/users")).status_code == 200
            assert (await elsewhere.get("/users")).status_code == 200
        await change(root, ADA, role="read_only")
        for caller in (client, elsewhere):
            answer = await caller.get("/users")
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
            assert (await caller.get("/users/me")).json()["role"] == "read_only"
        await change(root, ADA, role="admin")
        assert (await elsewhere.get("/users")).status_code == 200


async def test_being_disabled_bites_on_the_next_call_of_every_process(settings: Settings) -> None:
    async with open_api(settings) as here, open_api(settings) as there:
        await account(here, ADA, "operator")
        client = here.anonymous()
        await signed_in(client, ADA)
        elsewhere = there.anonymous(dict(client.headers))
        assert (await elsewhere.get("/users/me")).status_code == 200
        await change(await here.client("admin"), ADA, disabled=True)
        for caller in (client, elsewhere):
            assert (await caller.get("/users/me")).json()["code"] == "session_revoked"


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A cache that this test may do harm to."""
    with DataDirectory(tmp_path / "data") as directory:
        server = EmbeddedValkey(directory, memory_mib=64, limits=Limits(stop_timeout_s=2.0))
        server.start()
        yield server
        server.stop()


async def test_without_redis_everything_works_and_changes_bite_all_the_same(
    database_dsn: str, own_valkey: EmbeddedValkey
) -> None:
    async with open_api(api_settings(database_dsn, own_valkey.endpoint, redis_deadline_ms=100)) as api:
        await account(api, ADA, "admin")
        client = api.anonymous()
        await signed_in(client, ADA)
        root = await api.client("admin", "root")
        assert (await client.get("/users")).status_code == 200
        own_valkey.stop()
        assert (await client.get("/users")).status_code == 200
        await signed_in(api.anonymous(), ADA)
        await change(root, ADA, role="read_only")
        assert (await client.get("/users")).status_code == 403


async def test_redis_that_comes_back_with_old_news_is_not_believed(
    database_dsn: str, own_valkey: EmbeddedValkey
) -> None:
    async with open_api(api_settings(database_dsn, own_valkey.endpoint, redis_deadline_ms=100)) as api:
        await account(api, ADA, "admin")
        client = api.anonymous()
        await signed_in(client, ADA)
        root = await api.client("admin", "root")
        for _ in range(2):
            assert (await client.get("/users")).status_code == 200
        pid = own_valkey.pids()[0]
        os.kill(pid, signal.SIGSTOP)
        try:
            await change(root, ADA, role="read_only")
            assert (await client.get("/users")).status_code == 403
        finally:
            os.kill(pid, signal.SIGCONT)
        async with asyncio.timeout(10):
            while api.services.breakers.states()["redis"].state != "closed":
                # Each call lets a probe through once one is due.
                assert (await client.get("/users")).status_code == 403
        for _ in range(3):
            assert (await client.get("/users")).status_code == 403


async def test_a_token_of_somebody_elses_session_is_refused(api: Api) -> None:
    await account(api, ADA)
    client = api.anonymous()
    await signed_in(client, ADA)
    sid = (await client.get("/users/me/sessions")).json()["items"][0]["session_id"]
    other = await api.client("read_only")
    me = (await other.get("/users/me")).json()["user_id"]
    mixed = api.services.auth.tokens.issue(me, sid)
    for _ in range(2):
        answer = await api.anonymous({"authorization": f"Bearer {mixed}"}).get("/users/me")
        assert answer.json()["code"] == "unauthorized"
    assert (await client.get("/users/me")).status_code == 200
