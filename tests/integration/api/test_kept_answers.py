"""Answers that are kept: for their user alone, and never past that user's own write."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import redis
from payflow.api.middleware.exchange import Exchange
from payflow.api.routing import Access, Answer, Call, Route
from payflow.api.routing.table import Table

from tests.integration.api.harness import BASE_URL, Api, api_settings, idempotent, open_api

if TYPE_CHECKING:
    from payflow.settings import Settings

LIST = "/transactions"


def is_hit(answer: httpx.Response) -> bool:
    assert answer.status_code in {200, 304}, answer.text
    return bool(answer.headers.get("x-cache") == "hit")


async def kept(api: Api) -> None:
    """Wait until answers that are being kept are."""
    await asyncio.gather(*api.services.answers._running)


async def ask(api: Api, client: httpx.AsyncClient, path: str = LIST, **headers: str) -> httpx.Response:
    answer = await client.get(path, headers=headers)
    await kept(api)
    return answer


async def create(client: httpx.AsyncClient, payment_id: str) -> None:
    body = {"payment_id": payment_id, "merchant_id": "m", "currency": "EUR", "amount_minor": 100}
    answer = await client.post(LIST, json=body, headers=idempotent())
    assert answer.status_code == 201, answer.text


async def test_the_second_time_it_is_the_same_answer_with_the_same_tag(
    api: Api, operator: httpx.AsyncClient
) -> None:
    await create(operator, "p1")
    api.services.answers._writers.clear()
    await api.services.redis.flushall()
    await operator.get("/users/me")
    first, second = await ask(api, operator), await ask(api, operator)
    assert (is_hit(first), is_hit(second)) == (False, True)
    assert second.content == first.content
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["content-type"] == "application/json"
    assert second.headers["cache-control"] == "private, no-cache"
    assert second.headers["vary"] == "Authorization"


async def test_whoever_has_seen_it_is_told_that_nothing_has_changed(
    api: Api, operator: httpx.AsyncClient
) -> None:
    await operator.get("/users/me")
    etag = (await ask(api, operator)).headers["etag"]
    for _ in range(2):
        answer = await ask(api, operator, **{"if-none-match": f'"other", {etag}'})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert (await ask(api, operator, **{"if-none-match": '"other"'})).status_code == 200


async def test_a_users_own_write_is_seen_at_once_through_every_process(settings: Settings) -> None:
    async with open_api(settings) as here, open_api(settings) as there:
        client = await here.client("operator")
        elsewhere = there.anonymous(dict(client.headers))
        for api, caller in ((here, client), (there, elsewhere)):
            await caller.get("/users/me")
            await ask(api, caller)
            assert is_hit(await ask(api, caller))
        await create(client, "p1")
        for api, caller in ((there, elsewhere), (here, client)):
            answer = await ask(api, caller)
            assert [item["payment_id"] for item in answer.json()["items"]] == ["p1"]


async def test_another_question_is_another_answer(api: Api, operator: httpx.AsyncClient) -> None:
    await operator.get("/users/me")
    await ask(api, operator, f"{LIST}?limit=1")
    assert not is_hit(await ask(api, operator, f"{LIST}?limit=2"))
    assert is_hit(await ask(api, operator, f"{LIST}?limit=1"))


async def test_a_call_may_ask_for_a_fresh_answer(api: Api, operator: httpx.AsyncClient) -> None:
    await operator.get("/users/me")
    await ask(api, operator)
    assert not is_hit(await ask(api, operator, **{"cache-control": "no-cache"}))
    assert is_hit(await ask(api, operator))


async def test_an_answer_is_kept_for_half_a_minute_at_most(
    api: Api, operator: httpx.AsyncClient, redis_url: str
) -> None:
    await operator.get("/users/me")
    await ask(api, operator)
    with redis.Redis.from_url(redis_url) as client:
        keys = list(client.scan_iter("payflow:api:answer:*"))
        assert len(keys) == 1
        assert 0 < client.pttl(keys[0]) <= 30_000


async def test_a_refusal_is_not_kept(api: Api, operator: httpx.AsyncClient, redis_url: str) -> None:
    await operator.get("/users/me")
    for _ in range(2):
        assert (await operator.get(f"{LIST}?limit=0")).status_code == 400
    await kept(api)
    with redis.Redis.from_url(redis_url) as client:
        assert list(client.scan_iter("payflow:api:answer:*")) == []


async def test_what_another_role_was_shown_is_not_shown_to_the_same_user(
    api: Api, admin: httpx.AsyncClient
) -> None:
    client = await api.client("operator", "ada")
    await client.get("/users/me")
    await ask(api, client)
    assert is_hit(await ask(api, client))
    user = (await admin.get("/users", params={"text": "ada"})).json()["items"][0]
    headers = {**idempotent(), "if-match": user["etag"]}
    await admin.patch(f"/users/{user['user_id']}", json={"role": "read_only"}, headers=headers)
    assert not is_hit(await ask(api, client))


async def test_without_redis_nothing_is_kept_and_everything_is_answered(database_dsn: str) -> None:
    async with open_api(api_settings(database_dsn, "redis://127.0.0.1:1/0", redis_deadline_ms=100)) as api:
        client = await api.client("operator")
        for _ in range(3):
            assert not is_hit(await ask(api, client))


async def whoami(call: Call) -> Answer:
    # A turn of the loop between reading who asks and answering, where a mix-up would happen.
    await asyncio.sleep(0)
    return Answer(200, {"user_id": call.principal.user_id, "asked": call.headers[b"x-asked"].decode()})


WHOAMI = Route(
    method="GET",
    path="/whoami",
    handler=whoami,
    operation_id="whoAmI",
    tag="test",
    summary="Whoever asks",
    access=Access.SIGNED_IN,
    answers={200: dict[str, Any]},
    cached=True,
)


@pytest.mark.parametrize("flushing", [False, True], ids=["quiet", "flushed"])
async def test_under_load_nobody_gets_an_answer_that_was_made_for_somebody_else(
    api: Api, *, flushing: bool
) -> None:
    app = Exchange(Table((WHOAMI,), api.services), api.services.meter)
    transport = httpx.ASGITransport(app)
    users = {}
    for number in range(12):
        token = await api.sign_in(("read_only", "operator", "admin")[number % 3], f"user{number}")
        claims = api.services.auth.tokens.verify(f"Bearer {token}".encode())
        users[token] = claims.user_id

    async def keep_asking(client: httpx.AsyncClient, token: str) -> tuple[int, int]:
        wrong = hits = 0
        headers = {"authorization": f"Bearer {token}", "x-asked": users[token]}
        for number in range(60):
            answer = await client.get("/whoami", headers=headers)
            hits += is_hit(answer)
            wrong += answer.json() != {"user_id": users[token], "asked": users[token]}
            if flushing and number % 20 == 10:
                await api.services.redis.flushall()
        return wrong, hits

    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        found = await asyncio.gather(*(keep_asking(client, token) for token in users))
    assert sum(wrong for wrong, _ in found) == 0
    assert sum(hits for _, hits in found) > 12 * 10, "most of these answers were kept ones"


def test_a_row_that_would_keep_a_write_is_no_row() -> None:
    with pytest.raises(ValueError, match="only a read is cached"):
        Route(
            method="POST",
            path="/x",
            handler=whoami,
            operation_id="x",
            tag="x",
            summary="x",
            access=Access.SIGNED_IN,
            answers={200: None},
            cached=True,
        )
