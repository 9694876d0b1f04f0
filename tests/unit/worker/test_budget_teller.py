"""The log says when the budget in flight becomes worse, and when it stays better, and not at each reading."""

from __future__ import annotations

from typing import Any

import pytest
from payflow.intake.budget import BudgetState, Level
from payflow.worker.budget_watch import CALM_READINGS, BudgetTeller
from structlog.testing import capture_logs


def state(level: Level) -> BudgetState:
    return BudgetState(
        used=600,
        limit=1_000,
        share=0.5,
        in_queue=600,
        in_hand=10,
        waiting=5,
        trend_per_s=1.23456,
        exhausted_in_s=324.0,
        read_at=None,
        level=level,
    )


def told(*levels: Level) -> list[Any]:
    teller = BudgetTeller()
    with capture_logs() as logs:
        for level in levels:
            teller.look(state(level))
    return logs


@pytest.mark.parametrize(
    ("level", "event", "severity"),
    [
        (Level.BEYOND_SHARE, "in_flight_budget_beyond_share", "warning"),
        (Level.RUNNING_OUT, "in_flight_budget_running_out", "error"),
    ],
)
def test_what_becomes_worse_is_told_once_with_its_figures(level: Level, event: str, severity: str) -> None:
    (line,) = told(level, level, level)
    assert (line["event"], line["log_level"]) == (event, severity)
    assert (line["used"], line["limit"], line["exhausted_in_s"], line["trend_per_s"]) == (
        600,
        1_000,
        324.0,
        1.235,
    )


def test_an_ample_budget_is_not_told() -> None:
    assert told(Level.AMPLE, Level.AMPLE) == []


def test_each_step_to_worse_is_told() -> None:
    events = [line["event"] for line in told(Level.BEYOND_SHARE, Level.RUNNING_OUT)]
    assert events == ["in_flight_budget_beyond_share", "in_flight_budget_running_out"]


def test_a_budget_on_the_edge_does_not_fill_the_log() -> None:
    assert len(told(*[Level.BEYOND_SHARE, Level.AMPLE] * 20)) == 1


def test_what_stays_better_is_told_once() -> None:
    lines = told(Level.RUNNING_OUT, *[Level.AMPLE] * (CALM_READINGS + 5))
    assert [line["event"] for line in lines] == ["in_flight_budget_running_out", "in_flight_budget_ample"]
