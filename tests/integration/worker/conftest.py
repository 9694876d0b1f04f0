"""A local SQS server for the tests of queues, one for the session."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def sqs_endpoint() -> Iterator[str]:
    """The address of a server that has no queues yet."""
    program = "from payflow import _native; _native.serve_localsqs(port=0)"
    with subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1]
        process.terminate()
        process.wait(timeout=10)
