"""However many lines are asked for, so many are written; the others are counted and told."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
import structlog
from payflow.telemetry.line_budget import NAMES_MAX, OTHERS, LineBudget
from payflow.telemetry.logs import SUMMARY, configure, tell_suppressed

if TYPE_CHECKING:
    from collections.abc import Iterator


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.getLogger("payflow").level)
    yield io.StringIO()
    root.handlers, level, own_level = before
    root.setLevel(level)
    logging.getLogger("payflow").setLevel(own_level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_name_has_a_budget_of_its_own_that_is_new_each_second(clock: Clock) -> None:
    budget = LineBudget(lines_per_s=3, clock_s=clock)
    assert [budget.admit("bad") for _ in range(5)] == [True, True, True, False, False]
    assert budget.admit("other")
    clock.now_s += 1.0
    assert [budget.admit("bad") for _ in range(4)] == [True, True, True, False]


def test_what_was_suppressed_is_told_once_and_only_when_it_is_due(clock: Clock) -> None:
    budget = LineBudget(lines_per_s=1, summary_interval_s=10, clock_s=clock)
    for _ in range(5):
        budget.admit("bad")
    assert budget.take_suppressed() == {}
    clock.now_s += 10
    assert budget.take_suppressed() == {"bad": 4}
    assert budget.take_suppressed(early=True) == {}


def test_at_the_end_it_is_told_early(clock: Clock) -> None:
    budget = LineBudget(lines_per_s=1, clock_s=clock)
    budget.admit("bad")
    budget.admit("bad")
    assert budget.take_suppressed(early=True) == {"bad": 1}


def test_names_without_end_share_one_budget(clock: Clock) -> None:
    budget = LineBudget(lines_per_s=1, clock_s=clock)
    admitted = sum(budget.admit(f"name-{number}") for number in range(NAMES_MAX + 50))
    assert admitted == NAMES_MAX + 1
    assert budget.take_suppressed(early=True) == {OTHERS: 49}


def test_a_storm_of_bad_messages_writes_ten_lines_a_second_and_a_summary(
    stream: io.StringIO, clock: Clock
) -> None:
    configure("info", "json", stream, LineBudget(clock_s=clock))
    log = structlog.get_logger("payflow.storm")
    for _ in range(12):
        for _ in range(1_000):
            log.warning("delivery_refused", stage="decoding")
        clock.now_s += 1.0
    tell_suppressed(early=True)
    written = lines(stream)
    assert sum(line["event"] == "delivery_refused" for line in written) == 12 * 10
    summaries = [line for line in written if line["event"] == SUMMARY]
    assert [line["of"] for line in summaries] == ["delivery_refused"] * 2
    assert sum(int(str(line["suppressed"])) for line in summaries) == 12 * 990


def test_a_library_that_floods_is_bounded_whatever_values_its_lines_carry(
    stream: io.StringIO, clock: Clock
) -> None:
    configure("info", "json", stream, LineBudget(clock_s=clock))
    for number in range(100):
        logging.getLogger("botocore").warning("try %d failed", number)
    assert len(lines(stream)) == 10
    tell_suppressed(early=True)
    assert lines(stream)[-1]["of"] == "botocore: try %d failed"
