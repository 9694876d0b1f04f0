"""schemathesis over the OpenAPI document against the running API, as each role: nothing is undocumented."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from payflow.api.docs.routes import openapi
from payflow.api.routes import ROUTES
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.api.harness import BASE_URL, Api, api_settings, open_api
from tests.integration.api.queue import make_queue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payflow.settings import Settings

EXAMPLES = 8
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
ROLES = (None, "read_only", "operator", "admin")


class Runner:
    """The API on an event loop of its own, for callers that are not asynchronous."""

    def __init__(self, wanted: Settings) -> None:
        self._wanted = wanted
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="api")
        self._opened: Any = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._opened = open_api(self._wanted)
        self.api: Api = self.run(self._opened.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._opened.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)


@pytest.fixture(scope="module")
def runner(databases: Any, valkey_server: Any, sqs_endpoint: str) -> Iterator[Runner]:
    """One API for the whole suite: what one call leaves behind, another one meets."""
    dsn = databases.create(databases.migrated)
    wanted = api_settings(
        dsn,
        valkey_server.endpoint,
        requests_address_max=0,
        requests_principal_max=0,
        sign_in={"failures_max": 1_000, "failures_account_max": 100_000, "failures_address_max": 100_000},
    )
    with ExitStack() as stack:
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield stack.enter_context(Runner(make_queue(sqs_endpoint).named_in(wanted)))
    databases.drop(dsn)


SCHEMA = schemathesis.openapi.from_dict(openapi())


def operations() -> dict[str, Any]:
    """Give every operation of the document by its name."""
    found = {}
    for result in SCHEMA.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        found[f"{operation.method.upper()} {operation.path}"] = operation
    return found


OPERATIONS = operations()


@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_undocumented_comes_back(runner: Runner, name: str) -> None:
    operation = OPERATIONS[name]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), role=st.sampled_from(ROLES))
    def run(case: Any, role: str | None) -> None:
        client: httpx.AsyncClient = runner.run(runner.api.client(role))
        arguments = case.as_transport_kwargs(base_url=BASE_URL)
        headers = {**dict(arguments.pop("headers", {})), **dict(client.headers)}
        arguments.pop("cookies", None)
        request = httpx.Request(headers=headers, **arguments)
        answer = runner.run(client.send(request))
        answer.elapsed = timedelta()
        response = schemathesis.Response.from_httpx(answer, verify=False)
        case.validate_response(response, checks=list(CHECKS))

    run()


def test_every_route_is_in_the_document() -> None:
    assert sorted(OPERATIONS) == sorted(f"{route.method} {route.path}" for route in ROUTES)
