"""What is served beside the API: health, metrics, documentation, the console's files."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import httpx
import pytest
from payflow.api.app import Doors
from payflow.api.console_files import ConsoleFiles
from payflow.api.middleware.exchange import Exchange
from payflow.api.routes import ROUTES
from payflow.api.routing.problems import PROBLEMS

from tests.integration.api.harness import open_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from payflow.settings import Settings

    from tests.integration.api.harness import Api
    from tests.integration.api.queue import Queue

ROOT = "http://127.0.0.1:8080"


async def test_livez_and_readyz_answer_whoever_asks(api: Api) -> None:
    client = api.anonymous()
    assert (await client.get(f"{ROOT}/livez")).json() == {"live": True}
    assert (await client.get(f"{ROOT}/readyz")).json() == {"ready": True, "reasons": []}
    api.services.stopping = True
    ready = await client.get(f"{ROOT}/readyz")
    assert (ready.status_code, ready.json()["reasons"]) == (503, ["the process is stopping"])


async def test_health_tells_strangers_states_and_nothing_that_servers_say(
    settings: Settings, queue: Queue
) -> None:
    queue.sqs.delete_queue(QueueUrl=queue.url)
    async with open_api(queue.named_in(settings)) as api:
        found = (await api.anonymous().get(f"{ROOT}/health")).json()
        ready = await api.anonymous().get(f"{ROOT}/readyz")
    assert (found["status"], ready.status_code) == ("degraded", 200), "pages are served without the queue"
    assert found["dependencies"]["sqs"]["status"] == "down"
    assert {one["detail"] for one in found["dependencies"].values()} == {None}


async def test_metrics_count_each_operation_for_those_who_may_see_them(api: Api) -> None:
    client = await api.client("operator")
    for _ in range(3):
        await client.get("/users/me")
    await api.anonymous().get("/users/me")
    text = (await client.get(f"{ROOT}/metrics")).text
    assert 'payflow_api_calls_total{operation="getMe",status="200"} 3.0' in text
    assert 'payflow_api_calls_total{operation="getMe",status="401"} 1.0' in text
    assert 'payflow_api_call_duration_seconds_count{operation="getMe"} 4.0' in text
    assert 'payflow_api_dependency_up{dependency="postgres"} 1.0' in text
    stranger = await api.anonymous(address="203.0.113.5").get(f"{ROOT}/metrics")
    assert stranger.status_code == 404


async def test_the_documentation_names_every_operation_and_every_problem_without_the_network(
    api: Api,
) -> None:
    client = api.anonymous()
    page = (await client.get(f"{ROOT}/api/docs")).text
    assert [route.operation_id for route in ROUTES if f'id="{route.operation_id}"' not in page] == []
    catalogue = (await client.get(f"{ROOT}/api/docs/problems")).text
    assert [code for code in PROBLEMS if f'<section id="{code}">' not in catalogue] == []
    for text in (page, catalogue):
        assert re.findall(r'(?:src|href)="(?:https?:)?//', text) == []
        assert "<script" not in text


async def test_the_document_names_what_the_table_has(api: Api) -> None:
    document = (await api.anonymous().get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    operations = {
        operation["operationId"] for path in document["paths"].values() for operation in path.values()
    }
    assert operations == {route.operation_id for route in ROUTES}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The folder of a console as its build leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>PayFlow</title>" + "<p>hello</p>" * 100)
    (tmp_path / "assets/main-C0FFEE.js").write_text("export const answer = 42;\n" * 100)
    (tmp_path / "assets/small-BEEF.css").write_text("a{}")
    (tmp_path / "assets/main-C0FFEE.js.br").write_bytes(b"brotli, as the build made it")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / "manifest.json").write_text("{}")
    return tmp_path


@pytest.fixture
async def console(api: Api, built: Path) -> AsyncIterator[httpx.AsyncClient]:
    doors = Doors(api.services)
    doors.console = ConsoleFiles(built)
    transport = httpx.ASGITransport(Exchange(doors, api.services.meter))
    async with httpx.AsyncClient(transport=transport, base_url=ROOT) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/payments", "/payments/pay_1", "/sign-in?next=/alerts", "/index.html"]
)
async def test_every_address_of_the_console_is_its_page(console: httpx.AsyncClient, path: str) -> None:
    answer = await console.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self'; style-src 'self';" in answer.headers["content-security-policy"]
    assert "hello" in answer.text


async def test_files_with_a_hash_in_their_name_are_kept_for_ever_and_sent_compressed(
    console: httpx.AsyncClient,
) -> None:
    path = "/assets/main-C0FFEE.js"
    plain = await console.get(path, headers={"accept-encoding": "identity"})
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    async with console.stream("GET", path, headers={"accept-encoding": "gzip"}) as packed:
        raw = b"".join([chunk async for chunk in packed.aiter_raw()])
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(raw) == plain.content
    async with console.stream("GET", path, headers={"accept-encoding": "gzip, br"}) as packed:
        raw = b"".join([chunk async for chunk in packed.aiter_raw()])
        assert packed.headers["content-encoding"] == "br"
    assert raw == b"brotli, as the build made it"
    small = await console.get("/assets/small-BEEF.css", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in small.headers
    again = await console.get(path, headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await console.head(path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone-123.js",
        "/favicon.ico",
        "/manifest.json",
        "/../api/app.py",
        "/..%2f..%2fapp.py",
        "/assets/../../app.py",
        "//etc/passwd.txt",
    ],
)
async def test_nothing_but_the_consoles_files_is_served(console: httpx.AsyncClient, path: str) -> None:
    answer = await console.get(path)
    assert answer.status_code == 404 or "hello" in answer.text


async def test_without_a_built_console_the_page_says_so(api: Api, tmp_path: Path) -> None:
    doors = Doors(api.services)
    doors.console = ConsoleFiles(tmp_path / "none")
    transport = httpx.ASGITransport(Exchange(doors, api.services.meter))
    async with httpx.AsyncClient(transport=transport, base_url=ROOT) as client:
        answer = await client.get("/payments")
    assert answer.status_code == 404
    assert "make console" in answer.text
