"""What `payflow up` shows follows from the lines of its processes, and bad lines change nothing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from payflow.cli.up.figures import Figures
from payflow.cli.up.view import LineView, TableView, clock, curve, ordered, status_line
from payflow.intake.queues import QueueDepths
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable

STATUS = (
    b'{"received":%d,"applied_per_s":198.4,"verdicts":{"premature":2,"apply":90,"mystery":1},'
    b'"lag_ms":{"p50":3.0,"p95":8.25,"p99":null},"in_hand":12,"errors":{"deadline":1}}'
)
PLACES = {"SQS": "http://127.0.0.1:1", "data": "/d"}


def stepping(step_s: float) -> Callable[[], float]:
    now_s = -step_s

    def tick() -> float:
        nonlocal now_s
        now_s += step_s
        return now_s

    return tick


def filled() -> Figures:
    figures = Figures(clock=stepping(1.0))
    figures.take_worker(STATUS % 100)
    figures.take_worker(STATUS % 300)
    figures.take_feeder(b'{"sent":310,"failed":4}')
    figures.backlog = QueueDepths(visible=1_200, in_flight=30, delayed=5)
    figures.dead_letters = QueueDepths(visible=7, in_flight=0, delayed=0)
    return figures


def test_the_rate_in_follows_from_two_totals_and_the_time_between() -> None:
    assert filled().received_per_s == pytest.approx(200.0)


@pytest.mark.parametrize(
    "line", [b"", b"warning: odd", b"[1]", b"{}", b'{"verdicts":3,"lag_ms":[],"received":"x"}']
)
def test_a_line_that_says_nothing_changes_nothing(line: bytes) -> None:
    figures = filled()
    before = (figures.received, figures.verdicts, figures.lag_ms, figures.errors, figures.in_hand)
    figures.take_worker(line)
    figures.take_feeder(line)
    assert before == (figures.received, figures.verdicts, figures.lag_ms, figures.errors, figures.in_hand)


def test_the_status_line_is_keys_and_values() -> None:
    line = status_line(filled())
    for part in ("in=200/s", "applied=198/s", "apply=90", "premature=2", "lag_p95_ms=8.2", "in_hand=12"):
        assert f" {part}" in line
    for part in ("backlog=1200", "dead_letters=7", "errors_deadline=1", "errors=5", "fed=310"):
        assert f" {part}" in line


def test_verdicts_stand_in_the_order_of_the_payment_machine_and_unknown_ones_last() -> None:
    assert [name for name, _ in ordered({"mystery": 1, "premature": 2, "apply": 3})] == [
        "apply",
        "premature",
        "mystery",
    ]


def test_the_table_shows_every_figure_and_where_things_are() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    view = TableView(console)
    view.ready(PLACES)
    view.show(filled())
    view.close()
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    for part in ("200 in/s", "198 applied/s", "premature 2", "p50 3.0 ms", "1,200 waiting", "7 dead letters"):
        assert part in shown
    for part in ("deadline 1", "http://127.0.0.1:1", "Ctrl-C stops"):
        assert part in shown


def test_before_the_first_figures_the_table_says_so() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    view = TableView(console)
    view.ready(PLACES)
    view.show(Figures())
    view.close()
    assert isinstance(console.file, io.StringIO)
    for part in ("none yet", "no event yet", "not known"):
        assert part in console.file.getvalue()


def test_without_a_terminal_there_is_one_ready_line(capsys: pytest.CaptureFixture[str]) -> None:
    LineView().ready(PLACES)
    assert capsys.readouterr().out == "ready sqs=http://127.0.0.1:1 data=/d\n"


def test_the_curve_is_as_high_as_the_values() -> None:
    assert curve([0, 1, 2, 4, 8]) == " ▁▂▄█"
    assert curve([0, 0]) == "··"
    assert clock(3_723) == "01:02:03"


def test_what_the_worker_obeys_is_shown() -> None:
    figures = filled()
    assert figures.fleet == ""
    figures.take_worker(b'{"fleet":{"state":"paused","rate_per_s":200.0,"merchants":{"m_1":5},"held":1200}}')
    assert figures.fleet == "paused, at most 200/s, 1 merchants limited, 1,200 events wait"
    figures.take_worker(b'{"fleet":7}')
    assert figures.fleet.startswith("paused"), "what makes no sense changes nothing"
    figures.take_worker(b'{"fleet":{"state":"running","rate_per_s":null,"merchants":{}}}')
    assert figures.fleet == "running"
