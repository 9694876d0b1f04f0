"""The health pages over HTTP: what they answer, and that asking them too much does no harm."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import orjson
import pytest
from payflow.worker.health import CONNECTIONS_MAX, LIVE_LATE_MAX_S, HealthServer
from payflow.worker.observed import watched

from tests.integration.worker.seen_worker import SeenWorker, ask, get

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def worker() -> SeenWorker:
    return SeenWorker()


@pytest.fixture
async def server(worker: SeenWorker) -> AsyncIterator[HealthServer]:
    server = HealthServer(worker.observed, "127.0.0.1", 0)
    server.start()
    yield server
    await server.stop()


async def page(server: HealthServer, path: str) -> tuple[int, dict[str, object]]:
    status, _, body = await ask(server.host, server.port, get(path))
    return status, orjson.loads(body)


async def test_a_worker_that_works_is_live_and_ready(server: HealthServer) -> None:
    assert await page(server, "/livez") == (200, {"live": True, "event_loop_late_s": 0.0})
    status, report = await page(server, "/readyz")
    assert (status, report["ready"], report["reasons"], report["paused_for"]) == (200, True, [], [])


async def test_a_database_that_is_away_makes_it_unready_but_not_dead(
    server: HealthServer, worker: SeenWorker
) -> None:
    worker.lose(worker.postgres, "connection refused")
    status, report = await page(server, "/readyz")
    assert (status, report["reasons"]) == (503, ["postgres: connection refused"])
    assert (await page(server, "/livez"))[0] == 200


async def test_each_dependency_tells_its_state_and_reason(server: HealthServer, worker: SeenWorker) -> None:
    worker.lose(worker.redis, "deadline: 1 of 1 calls failed")
    status, report = await page(server, "/readyz")
    assert status == 200, "a worker does without Redis"
    dependencies = report["dependencies"]
    assert isinstance(dependencies, list)
    assert dependencies[1] == {
        "name": "redis",
        "state": "open",
        "required": False,
        "reason": "deadline: 1 of 1 calls failed",
        "since": "2026-01-02T03:04:05+00:00",
        "opened_total": 1,
    }
    assert [dependency["name"] for dependency in dependencies] == ["postgres", "redis", "sqs"]


async def test_a_worker_that_stops_is_not_ready(server: HealthServer, worker: SeenWorker) -> None:
    worker.stopping = True
    assert await page(server, "/readyz") == (
        503,
        (await page(server, "/readyz"))[1] | {"ready": False, "reasons": ["the worker is stopping"]},
    )


async def test_a_budget_that_runs_out_is_told_and_stays_ready(
    server: HealthServer, worker: SeenWorker
) -> None:
    worker.budget.read(950, 15)
    status, report = await page(server, "/readyz")
    assert status == 200, "a restart would not help"
    budget = report["in_flight_budget"]
    assert isinstance(budget, dict)
    assert (budget["used"], budget["limit"], budget["level"]) == (950, 1_000, "running_out")


async def test_a_pause_by_an_operator_is_told_and_stays_ready(
    server: HealthServer, worker: SeenWorker
) -> None:
    worker.paused_for = ["operator"]
    status, report = await page(server, "/readyz")
    assert (status, report["paused_for"]) == (200, ["operator"])


async def test_an_event_loop_that_is_blocked_is_unready_at_once_and_dead_only_after_a_minute(
    server: HealthServer, worker: SeenWorker
) -> None:
    worker.now_s = 40.0
    assert (await page(server, "/livez"))[0] == 200
    status, report = await page(server, "/readyz")
    assert (status, report["reasons"]) == (503, ["the event loop has been blocked for 40.0 s"])
    worker.now_s = LIVE_LATE_MAX_S
    assert (await page(server, "/livez"))[0] == 503


async def test_metrics_come_in_the_form_that_is_asked_for(server: HealthServer) -> None:
    status, headers, body = await ask(server.host, server.port, get("/metrics"))
    assert (status, headers["content-type"].split(";")[0]) == (200, "text/plain")
    assert b"payflow_received_total 0.0" in body
    accept = "accept: application/openmetrics-text; version=1.0.0"
    _, headers, body = await ask(server.host, server.port, get("/metrics", accept))
    assert headers["content-type"].startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


async def test_other_paths_and_methods_are_refused(server: HealthServer) -> None:
    assert (await ask(server.host, server.port, get("/")))[0] == 404
    assert (await ask(server.host, server.port, get("/livez").replace(b"GET", b"POST")))[0] == 405


async def test_more_connections_than_the_bound_are_turned_away(server: HealthServer) -> None:
    held = [await asyncio.open_connection(server.host, server.port) for _ in range(CONNECTIONS_MAX)]
    try:
        assert (await ask(server.host, server.port, get("/livez")))[0] == 503
    finally:
        for _, writer in held:
            writer.close()


async def test_a_caller_who_never_asks_is_cut_off(worker: SeenWorker) -> None:
    server = HealthServer(worker.observed, "127.0.0.1", 0, connection_max_s=0.05)
    server.start()
    try:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"GET /livez HT")
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.close()
    finally:
        await server.stop()


async def test_a_port_that_is_taken_does_not_keep_the_worker_from_its_work(worker: SeenWorker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with watched(worker.observed, "127.0.0.1", taken.getsockname()[1]):
            assert worker.observed.loop.late_s == 0.0
