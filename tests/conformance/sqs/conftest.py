"""The conformance suite runs each test against the local server and against moto; see `moto_differs`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.sqs.moto_differs import MOTO_DIFFERS
from tests.conformance.sqs.server import connect, moto_server, payflow_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NUMBERS = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        test, _, cell = item.name.rstrip("]").partition("[")
        server, _, cell = cell.partition("-")
        for row in MOTO_DIFFERS:
            if server == "moto" and row.covers(test, cell):
                reason = f"moto {row.instead}"
                item.add_marker(pytest.mark.xfail(strict=True, raises=row.raises, reason=reason))


@pytest.fixture(scope="session", params=["payflow", "moto"])
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with payflow_server() if request.param == "payflow" else moto_server() as url:
        yield url


@pytest.fixture(scope="session")
def sqs(server_url: str) -> Any:
    return connect(server_url)


@pytest.fixture
def name() -> str:
    """A queue name that no other test uses."""
    return f"conformance-{next(_NUMBERS)}"


@pytest.fixture
def queue(sqs: Any, name: str) -> Iterator[str]:
    """The URL of a queue with default attributes."""
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def code() -> Callable[..., str | None]:
    """Make a call and give its error code, or None if it succeeds."""

    def call(function: Callable[..., Any], **arguments: Any) -> str | None:
        try:
            function(**arguments)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None

    return call
