"""What every call meets, whatever it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.api.harness import open_api

if TYPE_CHECKING:
    import httpx
    from payflow.settings import Settings

    from tests.integration.api.harness import Api
    from tests.integration.api.queue import Queue


async def test_health_names_every_server_and_its_latency(settings: Settings, queue: Queue) -> None:
    async with open_api(queue.named_in(settings)) as api:
        answer = await (await api.client("read_only")).get("/health")
    assert answer.status_code == 200
    found = answer.json()
    assert found["status"] == "ok"
    assert set(found["dependencies"]) >= {"postgres", "redis", "sqs"}
    assert all(dependency["latency_ms"] >= 0 for dependency in found["dependencies"].values())


async def test_a_call_without_a_token_is_a_problem_with_its_code(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.get("/health")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "unauthorized"
    assert answer.json()["type"] == "/api/docs/problems#unauthorized"
    assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"]


async def test_the_callers_correlation_id_comes_back(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/health", headers={"x-correlation-id": "case-17"})
    assert answer.headers["x-correlation-id"] == "case-17"


@pytest.mark.parametrize("given", ["", "x" * 129, "a\tb"])
async def test_a_correlation_id_that_breaks_the_rule_is_replaced(
    reader: httpx.AsyncClient, given: str
) -> None:
    answer = await reader.get("/health", headers={"x-correlation-id": given})
    assert answer.headers["x-correlation-id"] not in {"", given}


async def test_an_unknown_parameter_is_refused_and_pointed_to(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/health", params={"verbose": "1"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_query"
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/verbose"]


async def test_an_unknown_address_and_an_unknown_method_are_told_apart(api: Api) -> None:
    client = await api.client("admin")
    assert (await client.get("/nothing/here")).json()["code"] == "not_found"
    answer = await client.delete("/health")
    assert answer.json()["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "GET"
