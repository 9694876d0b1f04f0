"""Bounds that hold for every call: bodies, budgets, addresses, origins, headers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.integration.api.accounts import account
from tests.integration.api.harness import api_settings, idempotent, open_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx

    from tests.integration.api.harness import Api


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        pytest.param(
            b'{"name": "x"}', {"content-type": "text/plain"}, 415, "unsupported_media_type", id="type"
        ),
        pytest.param(b'{"name": "x"}', {"content-type": ""}, 415, "unsupported_media_type", id="no-type"),
        pytest.param(b'{"name": ', {}, 400, "invalid_json", id="cut"),
        pytest.param(b'{"name": "\xff"}', {}, 400, "invalid_json", id="not-utf-8"),
        pytest.param(b'{"name": "\\ud800"}', {}, 400, "invalid_json", id="half-a-character"),
        pytest.param(b"[" * 100_000, {}, 400, "invalid_json", id="nested"),
        pytest.param(b'["name"]', {}, 422, "invalid_body", id="no-object"),
        pytest.param(b'{"name": "a\\u0000b"}', {}, 422, "invalid_body", id="nul"),
        pytest.param(b'{"name": "x", "role": "admin"}', {}, 422, "invalid_body", id="unknown-field"),
        pytest.param(b'{"name": 7}', {}, 422, "invalid_body", id="kind"),
        pytest.param(b"{}", {}, 422, "invalid_body", id="missing"),
        pytest.param(b"", {}, 422, "invalid_body", id="empty"),
        pytest.param(b'{"name": "' + b"x" * 300_000 + b'"}', {}, 413, "body_too_large", id="large"),
    ],
)
async def test_a_body_that_is_not_what_is_wanted_is_refused(
    operator: httpx.AsyncClient, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await operator.patch(
        "/users/me", content=content, headers={"content-type": "application/json", **headers}
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_every_fault_of_a_body_is_told_at_once(admin: httpx.AsyncClient) -> None:
    body = {"email": "no e-mail", "name": "", "rank": 1}
    answer = await admin.post("/users", json=body, headers=idempotent())
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/email", "/name", "/rank", "/role"}


async def test_a_body_that_comes_without_its_length_is_cut_at_the_bound(operator: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536

    answer = await operator.patch(
        "/users/me", content=endless(), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "sort=email", "text=%00"]
)
async def test_a_parameter_that_breaks_its_rule_is_pointed_to(admin: httpx.AsyncClient, query: str) -> None:
    answer = await admin.get(f"/users?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")
    assert answer.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


@pytest.mark.parametrize("path", ["/users/%00", "/users/%ff", "/users/not-a-uuid", f"/users/{'x' * 600}"])
async def test_an_id_that_can_not_be_one_is_not_found(admin: httpx.AsyncClient, path: str) -> None:
    assert (await admin.get(path)).json()["code"] == "not_found"


async def test_routes_are_nowhere_but_below_their_prefix(api: Api) -> None:
    client = api.anonymous()
    body = {"email": "ada@example.test", "password": "x"}
    answer = await client.post("http://127.0.0.1:8080/auth/login", json=body)
    assert answer.json()["code"] == "not_found"
    assert (await client.post("http://127.0.0.1:8080/api/v1x/auth/login", json=body)).status_code == 404


def mid_minute() -> Callable[[], datetime]:
    """Give a clock that stands still amid a window, so that none ends while its calls are counted."""
    standing = datetime.now(UTC).replace(second=30)
    return lambda: standing


async def test_a_users_budget_is_told_with_each_answer_and_ends_in_429(
    database_dsn: str, redis_url: str
) -> None:
    async with open_api(
        api_settings(database_dsn, redis_url, requests_principal_max=5), clock=mid_minute()
    ) as api:
        client = await api.client("operator")
        answers = [await client.get("/users/me") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == [
            *("r=4", "r=3", "r=2", "r=1", "r=0", "r=0")
        ]
        assert answers[0].headers["ratelimit-policy"] == '"user";q=5;w=60'
        assert answers[-1].json()["code"] == "rate_limited"
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        assert (await (await api.client("admin")).get("/users/me")).status_code == 200


async def test_processes_share_a_budget(database_dsn: str, redis_url: str) -> None:
    settings = api_settings(database_dsn, redis_url, requests_principal_max=10)
    clock = mid_minute()
    async with open_api(settings, clock=clock) as here, open_api(settings, clock=clock) as there:
        client = await here.client("operator")
        elsewhere = there.anonymous(dict(client.headers))
        for _ in range(6):
            assert (await client.get("/users/me")).status_code == 200
        await here.services.calls.settle()
        assert (await elsewhere.get("/users/me")).status_code == 200
        await there.services.calls.settle()
        statuses = [(await elsewhere.get("/users/me")).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429], "ten in all: six here, four there"


async def test_without_redis_each_process_keeps_the_budget_for_itself(database_dsn: str) -> None:
    settings = api_settings(
        database_dsn, "redis://127.0.0.1:1/0", redis_deadline_ms=100, requests_principal_max=5
    )
    async with open_api(settings, clock=mid_minute()) as api:
        client = await api.client("operator")
        statuses = []
        for _ in range(7):
            statuses.append((await client.get("/users/me")).status_code)
            await api.services.calls.settle()
        assert statuses == [200] * 5 + [429] * 2


async def test_an_address_has_a_budget_that_a_forged_header_does_not_change(
    database_dsn: str, redis_url: str
) -> None:
    async with open_api(
        api_settings(database_dsn, redis_url, requests_address_max=5), clock=mid_minute()
    ) as api:
        client = api.anonymous(address="203.0.113.5")
        statuses = [
            (await client.get("/auth/providers", headers={"x-forwarded-for": f"10.0.0.{n}"})).status_code
            for n in range(6)
        ]
        assert statuses == [200] * 5 + [429]


async def test_behind_a_proxy_each_client_has_its_own_budget_and_can_not_forge_another(
    database_dsn: str, redis_url: str
) -> None:
    settings = api_settings(
        database_dsn, redis_url, requests_address_max=3, trusted_proxies="192.0.2.0/24,10.0.0.0/8"
    )
    async with open_api(settings, clock=mid_minute()) as api:
        proxy = api.anonymous(address="192.0.2.1")

        async def call(forwarded: str) -> int:
            answer = await proxy.get("/auth/providers", headers={"x-forwarded-for": forwarded})
            return answer.status_code

        assert [await call("203.0.113.5, 10.1.1.1") for _ in range(4)] == [200, 200, 200, 429]
        assert [await call(f"198.51.100.{n}, 203.0.113.5") for n in range(2)] == [429, 429], (
            "what a client writes before the address that a proxy has seen counts for nothing"
        )
        assert await call("203.0.113.6") == 200


async def test_one_customer_of_ipv6_has_one_budget(database_dsn: str, redis_url: str) -> None:
    async with open_api(
        api_settings(database_dsn, redis_url, requests_address_max=3), clock=mid_minute()
    ) as api:
        statuses = [
            (await api.anonymous(address=f"2001:db8:1:2::{n}").get("/auth/providers")).status_code
            for n in range(1, 5)
        ]
        assert statuses == [200, 200, 200, 429]
        assert (await api.anonymous(address="2001:db8:1:3::1").get("/auth/providers")).status_code == 200


async def test_the_trail_has_the_address_that_the_proxy_named(database_dsn: str, redis_url: str) -> None:
    settings = api_settings(
        database_dsn, redis_url, trusted_proxies="192.0.2.1", forwarded_header="forwarded"
    )
    async with open_api(settings) as api:
        await account(api, "ada@example.test")
        client = api.anonymous(
            {"forwarded": 'for=9.9.9.9, for="[2001:db8::7]:4711";proto=https'}, address="192.0.2.1"
        )
        answer = await client.post(
            "/auth/login", json={"email": "ada@example.test", "password": "correct horse battery"}
        )
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert all("Secure" in value for value in answer.headers.get_list("set-cookie"))
        async with api.services.database.connection() as connection:
            assert await connection.fetchval("SELECT address FROM sessions") == "2001:db8::7"


async def test_pages_of_other_origins_may_call_only_if_the_settings_name_them(
    database_dsn: str, redis_url: str
) -> None:
    settings = api_settings(database_dsn, redis_url, cors_origins="https://tools.example.test")
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    async with open_api(settings) as api:
        client = api.anonymous()
        allowed = await client.options(
            "/users", headers={"origin": "https://tools.example.test", **preflight}
        )
        assert allowed.status_code == 204
        assert allowed.headers["access-control-allow-origin"] == "https://tools.example.test"
        assert "access-control-allow-credentials" not in allowed.headers
        called = await client.get("/auth/providers", headers={"origin": "https://tools.example.test"})
        assert called.headers["access-control-allow-origin"] == "https://tools.example.test"
        for origin in ("https://evil.example", "https://tools.example.test.evil.example", "null"):
            refused = await client.options("/users", headers={"origin": origin, **preflight})
            assert refused.status_code == 405
            assert "access-control-allow-origin" not in refused.headers


async def test_every_answer_carries_the_headers_that_protect_it(
    api: Api, reader: httpx.AsyncClient, nobody: httpx.AsyncClient
) -> None:
    root = "http://127.0.0.1:8080"
    for answer in (
        await reader.get("/users/me"),
        await nobody.get("/users/me"),
        await nobody.get(f"{root}/api/docs"),
        await nobody.get(f"{root}/livez"),
        await nobody.get(f"{root}/"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-correlation-id"]
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers
    assert (await reader.get("/users/me")).headers["cache-control"] == "no-store"


async def test_the_log_has_each_call_and_no_secret(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    await account(api, "ada@example.test")
    client = api.anonymous()
    capsys.readouterr()
    answer = await client.post(
        "/auth/login",
        json={"email": "ada@example.test", "password": "correct horse battery"},
        headers={"x-correlation-id": "seen-in-the-log"},
    )
    token = answer.json()["access_token"]
    await client.get("/users/me?token=hush", headers={"authorization": f"Bearer {token}"})
    said = "".join(capsys.readouterr())
    assert "seen-in-the-log" in said
    assert "operation=login" in said
    assert "duration_ms=" in said
    for secret in ("correct horse", token, client.cookies["payflow_refresh"], "hush"):
        assert secret not in said


async def test_a_call_that_takes_too_long_ends_in_503(database_dsn: str, redis_url: str) -> None:
    async with open_api(api_settings(database_dsn, redis_url, statement_timeout_ms=200)) as api:
        client = await api.client("operator")
        other = await api.client("admin")
        assert (await client.get("/users/me")).status_code == 200
        async with api.services.database.transaction() as connection:
            await connection.execute("SELECT FROM users FOR UPDATE")
            answer = await client.patch("/users/me", json={"name": "Waiting"})
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert (await other.get("/users/me")).status_code == 200, "one slow statement is no outage"


async def test_of_many_at_once_each_gets_its_own_answer(api: Api) -> None:
    clients = [await api.client("operator", f"user{n}") for n in range(8)]
    answers = await asyncio.gather(*(client.get("/users/me") for client in clients * 6))
    assert [answer.json()["email"] for answer in answers] == [f"user{n}@example.test" for n in range(8)] * 6
