"""A log line is one JSON object for machines and plain text on demand; libraries log the same way."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
import structlog
from payflow.telemetry.logs import configure

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.getLogger("payflow").level)
    yield
    root.handlers, level, own_level = before
    root.setLevel(level)
    logging.getLogger("payflow").setLevel(own_level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_logger_and_fields() -> None:
    stream = io.StringIO()
    configure("info", "json", stream)
    structlog.get_logger("payflow.test").info("batch_done", events=3)
    (line,) = lines(stream)
    assert (line["event"], line["events"], line["level"]) == ("batch_done", 3, "info")
    assert line["logger"] == "payflow.test"
    assert str(line["timestamp"]).endswith("Z")


def test_an_error_carries_its_traceback_as_data() -> None:
    stream = io.StringIO()
    configure("info", "json", stream)
    try:
        int("odd")
    except ValueError:
        structlog.get_logger("payflow.test").exception("failed")
    (line,) = lines(stream)
    assert "odd" in json.dumps(line["exception"])


def test_without_a_terminal_auto_means_json() -> None:
    stream = io.StringIO()
    configure("info", "auto", stream)
    structlog.get_logger("payflow.test").warning("w")
    assert lines(stream)[0]["event"] == "w"


def test_text_is_for_people() -> None:
    stream = io.StringIO()
    configure("info", "text", stream)
    structlog.get_logger("payflow.test").info("started", lanes=4)
    assert "started" in stream.getvalue()
    assert "lanes=4" in stream.getvalue()


def test_what_is_below_the_level_is_not_logged_and_libraries_warn_at_least() -> None:
    stream = io.StringIO()
    configure("info", "json", stream)
    structlog.get_logger("payflow.test").debug("too fine")
    logging.getLogger("botocore").info("chatter")
    logging.getLogger("botocore").warning("slow")
    assert [line["event"] for line in lines(stream)] == ["slow"]
