"""An operator's morning: a message that SQS gave up on is taken in, looked at, replayed and applied once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from payflow.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEADLINE_S = 60.0
EVENT = {
    "event_id": "evt_given_up",
    "source": "adyen",
    "type": "authorization.succeeded",
    "payment_id": "pay_given_up",
    "operation_id": "op_1",
    "merchant_id": "m_1",
    "amount": {"value": 12_345, "currency": "EUR", "exponent": 2},
    "occurred_at": "2026-11-22T10:00:00Z",
}


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Nobody's settings but a data directory that the account of PostgreSQL can reach."""
    path = Path(tempfile.mkdtemp(prefix="payflow-test-"))
    path.chmod(0o711)
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PAYFLOW_", "AWS_"))
    }
    yield inherited | {
        "PAYFLOW_DATA_DIR": str(path / "data"),
        "PAYFLOW_EMBEDDED_SQS_PORT": "0",
        "PAYFLOW_API_PORT": "0",
        "PAYFLOW_WORKER_METRICS_PORT": "0",
    }
    shutil.rmtree(path)


@contextlib.contextmanager
def everything_up(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """Run `payflow up`; gives the endpoints of its ready line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "payflow", "up"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            ready = next(line for line in process.stdout if line.startswith("ready "))
            yield dict(part.split("=", 1) for part in ready.removeprefix("ready ").split())
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
            assert process.wait(DEADLINE_S) == Exit.OK
        finally:
            process.kill()


def payflow(environment: dict[str, str], *arguments: str) -> Any:
    """Run one command with --json; gives what it printed."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "payflow", *arguments, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == Exit.OK, done.stderr
    return json.loads(done.stdout)


def eventually(holds: Callable[[], bool], claim: str) -> None:
    ends_at = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < ends_at, f"never came true: {claim}"
        asyncio.run(asyncio.sleep(0.2))


def test_a_message_that_sqs_gave_up_on_is_pulled_rehearsed_replayed_and_applied_once(
    environment: dict[str, str],
) -> None:
    with everything_up(environment) as endpoints:
        sqs = boto3.client(
            "sqs",
            endpoint_url=endpoints["sqs"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106
        )
        dead_url = sqs.get_queue_url(QueueName="payflow-events-dead")["QueueUrl"]
        sqs.send_message(QueueUrl=dead_url, MessageBody=json.dumps(EVENT))

        assert payflow(environment, "dlq", "pull")["listed"] == 1
        [letter] = payflow(environment, "dlq", "list", "--class", "exhausted")["letters"]
        assert (letter["payment_id"], letter["status"]) == ("pay_given_up", "open")
        letter_id = str(letter["dead_letter_id"])

        foreseen = payflow(environment, "dlq", "replay", letter_id, "--dry-run")
        assert foreseen["verdicts"] == {"apply": 1}
        assert foreseen["moved"] == [
            {"currency": "EUR", "exponent": 2, "sum": "authorized_minor", "change_minor": 12_345}
        ]
        note = ("--yes", "--note", "the database is back")
        assert payflow(environment, "dlq", "replay", letter_id, *note) == {"sent": 1, "failed": []}
        again = ("dlq", "replay", letter_id, "--dry-run")
        eventually(
            lambda: payflow(environment, *again)["verdicts"] == {"duplicate": 1}, "the replay was applied"
        )
        assert payflow(environment, "dlq", "show", letter_id)["status"] == "replayed"
        assert payflow(environment, "dlq", "count")["total"] == 0
        page = payflow(environment, "payment", "show", "pay_given_up")
        assert (page["status"], page["sums"]["authorized_minor"]) == ("authorized", 12_345)
        assert payflow(environment, "verify")["clean"]
