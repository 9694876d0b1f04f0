"""Every route against every role: each cell is called for real and held against the committed table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from payflow.api.routes import ROUTES

from tests.integration.api.access_table import EXPECTED
from tests.integration.api.harness import idempotent, open_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from payflow.api.routing import Route
    from payflow.settings import Settings

    from tests.integration.api.harness import Api
    from tests.integration.api.queue import Queue


@pytest.fixture
async def api(settings: Settings, queue: Queue) -> AsyncIterator[Api]:
    """An API that lacks nothing."""
    async with open_api(queue.named_in(settings)) as opened:
        yield opened


RANKS = {"anybody": 0, "signed_in": 1, "read_only": 1, "operator": 2, "admin": 3}
CALLERS = {"nobody": 0, "read_only": 1, "operator": 2, "admin": 3}


def test_each_route_is_decided_and_nothing_else_is() -> None:
    assert sorted(EXPECTED) == sorted(f"{route.method} {route.path}" for route in ROUTES)


async def cell(client: httpx.AsyncClient, route: Route) -> str:
    """Call a route with ids of nothing, and tell whether the door was open."""
    path = re.sub(r"\{[a-z_]+\}", "1", route.path)
    headers = {**idempotent(), "if-match": '"1"'}
    answer = await client.request(route.method, path, headers=headers)
    assert answer.status_code < 500, f"{route.method} {path}: {answer.text}"
    if answer.status_code == 401 and route.access.signed_in:
        return "sign in"
    return "forbidden" if answer.status_code == 403 else "open"


@pytest.mark.parametrize("caller", CALLERS)
async def test_each_cell_is_as_decided(api: Api, caller: str) -> None:
    client = await api.client(None if caller == "nobody" else caller)
    rank, found, expected = CALLERS[caller], {}, {}
    for route in ROUTES:
        name = f"{route.method} {route.path}"
        needed = RANKS[EXPECTED[name]]
        expected[name] = "open" if rank >= needed else "sign in" if caller == "nobody" else "forbidden"
        found[name] = await cell(client, route)
    assert found == expected


async def test_a_role_is_asked_for_before_anything_else_is_told(api: Api) -> None:
    reader = await api.client("read_only")
    for path in ("/users/not-an-id", "/users/00000000-0000-0000-0000-000000000000", "/users/1?unknown=1"):
        answer = await reader.get(path)
        assert answer.json()["code"] == "forbidden", "whether it is there is none of their business"
    assert (await reader.post("/users", content=b"no json", headers=idempotent())).status_code == 403
