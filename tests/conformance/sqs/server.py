"""Servers that the conformance suite runs against, each in a process or thread of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STOP_TIMEOUT_S = 10.0
SERVE = """
import sys
from payflow import _native
_native.serve_localsqs(snapshot_path=sys.argv[1] or None)
"""


@contextmanager
def payflow_server(snapshot_path: Path | None = None) -> Iterator[str]:
    """Run the local server; give its URL.

    The environment variable PAYFLOW_LOCALSQS_BIN names a command to test instead of the extension.
    """
    binary = os.environ.get("PAYFLOW_LOCALSQS_BIN")
    if binary:
        command = [binary, *(["--snapshot", str(snapshot_path)] if snapshot_path else [])]
    else:
        command = [sys.executable, "-c", SERVE, str(snapshot_path or "")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        ready = process.stdout.readline().split()
        try:
            assert ready[:1] == ["ready"], f"the server did not start: {ready}"
            yield ready[1]
        finally:
            process.terminate()
            assert process.wait(STOP_TIMEOUT_S) == 0


@contextmanager
def moto_server() -> Iterator[str]:
    """Run moto; give its URL."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def connect(url: str) -> Any:
    """Make a client that tries each call once."""
    return boto3.client(
        "sqs",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - neither server looks at it
        config=Config(retries={"total_max_attempts": 1}, read_timeout=30),
    )
