"""`payflow queue` on a real server: makes what is missing, names what differs, and the worker warns of it."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from payflow.cli import run
from payflow.intake import StaticKey
from payflow.intake.queue_check import QueueAttributes, warn_of_differences
from payflow.intake.queues import QueueUrls, client
from structlog.testing import capture_logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = StaticKey(access_key_id="test", secret_access_key="test")  # noqa: S106 - the local server takes any


@pytest.fixture(autouse=True)
def name(sqs_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Settings that name a queue which is not there yet; gives its name."""
    name = uuid.uuid4().hex
    for knob, value in {
        "QUEUE_ENDPOINT_URL": sqs_endpoint,
        "QUEUE_NAME": name,
        "QUEUE_DEAD_LETTER_NAME": f"{name}-dead",
        "DATA_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(f"PAYFLOW_{knob}", value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return name


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], Any]:
    return lambda: json.loads(capsys.readouterr().out)


def test_a_queue_that_is_not_there_is_an_error_with_the_command_that_makes_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["queue", "check"]) == 3
    assert "`payflow queue create` makes it" in capsys.readouterr().err


def test_what_create_makes_is_what_check_expects(said: Callable[[], Any], name: str) -> None:
    assert run(["queue", "create", "--json"]) == 0
    made = said()
    assert made["created"]
    assert made["queue_url"].endswith(name)
    assert run(["queue", "check", "--json"]) == 0
    assert said()["differences"] == []


def test_create_is_safe_to_repeat(said: Callable[[], Any]) -> None:
    run(["queue", "create", "--json"])
    said()
    assert run(["queue", "create", "--json"]) == 0
    again = said()
    assert (again["created"], again["changed"]) == (False, [])


def test_check_names_each_attribute_that_differs(
    said: Callable[[], Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(["queue", "create", "--json"])
    said()
    monkeypatch.setenv("PAYFLOW_QUEUE_RECEIVES_MAX", "7")
    monkeypatch.setenv("PAYFLOW_QUEUE_VISIBILITY_TIMEOUT_S", "45")
    assert run(["queue", "check", "--json"]) == 1
    assert said()["differences"] == [
        {"queue": name, "attribute": "VisibilityTimeout", "expected": "45", "found": "30"},
        {"queue": name, "attribute": "RedrivePolicy.maxReceiveCount", "expected": "7", "found": "15"},
    ]


def test_create_brings_a_queue_that_differs_to_what_it_should_be(
    said: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(["queue", "create", "--json"])
    said()
    monkeypatch.setenv("PAYFLOW_QUEUE_WAIT_TIME_S", "5")
    assert run(["queue", "create", "--json"]) == 0
    assert [change["attribute"] for change in said()["changed"]] == ["ReceiveMessageWaitTimeSeconds"]
    assert run(["queue", "check"]) == 0


def test_create_refuses_a_queue_that_a_url_names(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYFLOW_QUEUE_URL", "http://127.0.0.1:1/000000000000/other")
    assert run(["queue", "create"]) == 2
    assert "PAYFLOW_QUEUE_URL" in capsys.readouterr().err


def test_show_counts_both_queues(said: Callable[[], Any]) -> None:
    run(["queue", "create", "--json"])
    said()
    assert run(["queue", "show", "--json"]) == 0
    shown = said()
    assert {part: shown[part]["visible"] for part in shown} == {"queue": 0, "dead_letters": 0}


def test_people_read_lines_instead_of_json(capsys: pytest.CaptureFixture[str], name: str) -> None:
    run(["queue", "create"])
    run(["queue", "check"])
    run(["queue", "show"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Created:"
    assert lines[3].endswith(f"{name} and its dead-letter queue are as they should be")
    assert lines[-1].split() == ["0", "waiting", "0", "in", "flight", "0", "delayed"]


def test_a_worker_warns_of_each_difference_and_never_fails_for_it(sqs_endpoint: str, name: str) -> None:
    run(["queue", "create", "--json"])

    async def warned(urls: QueueUrls) -> list[Any]:
        async with client(endpoint_url=sqs_endpoint, region="us-east-1", static_key=KEY) as sqs:
            with capture_logs() as logs:
                await warn_of_differences(sqs, urls, QueueAttributes(receives_max=3))
        return logs

    base = f"{sqs_endpoint}/000000000000/{name}"
    (line,) = asyncio.run(warned(QueueUrls(queue_url=base, dead_letter_queue_url=f"{base}-dead")))
    assert (line["event"], line["log_level"]) == ("queue_differs", "warning")
    assert (line["attribute"], line["expected"], line["found"]) == (
        "RedrivePolicy.maxReceiveCount",
        "3",
        "15",
    )
    (line,) = asyncio.run(warned(QueueUrls(queue_url=base, dead_letter_queue_url=f"{base}-none")))
    assert line["event"] == "queue_not_checked"
