"""The demo feeder keeps its rate over the whole run, however late single ticks come."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest
from payflow.cli.demo import feed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Recorder:
    """Keeps how many bodies each call brought, and lets some fail."""

    def __init__(self, failing: int = 0) -> None:
        self.sizes: list[int] = []
        self.failing = failing

    def send(self, bodies: Sequence[bytes], /) -> list[tuple[int, str]]:
        self.sizes.append(len(bodies))
        return [(position, "refused") for position in range(min(self.failing, len(bodies)))]


def times(*ticks_s: float) -> tuple[Callable[[float], bool], Callable[[], float]]:
    """Give a wait that ends with the ticks, and a clock that follows them."""
    now_s = 0.0
    coming = iter(ticks_s)

    def wait(_seconds: float) -> bool:
        nonlocal now_s
        tick_s = next(coming, None)
        if tick_s is None:
            return True
        now_s = tick_s
        return False

    return wait, lambda: now_s


def bodies() -> itertools.repeat[bytes]:
    return itertools.repeat(b"{}")


@pytest.mark.parametrize(
    "ticks_s",
    [
        pytest.param([0.02 * n for n in range(1, 501)], id="on time"),
        pytest.param([0.033 * n for n in range(1, 304)], id="late"),
        pytest.param([0.1, 0.9, 1.0, 1.7, 2.6, 3.5, 4.4, 5.3, 6.2, 7.1, 8.0, 8.9, 9.8, 10.0], id="uneven"),
    ],
)
def test_ten_seconds_bring_ten_seconds_of_events(ticks_s: list[float]) -> None:
    recorder = Recorder()
    feed(recorder, bodies(), 200, *times(*ticks_s))
    assert sum(recorder.sizes) == int(ticks_s[-1] * 200)


def test_after_a_long_hold_up_one_second_is_sent_and_the_rest_left_out() -> None:
    recorder = Recorder()
    feed(recorder, bodies(), 100, *times(0.1, 60.1, 60.2))
    assert recorder.sizes == [10, 100, 10]


def test_a_status_line_a_second_counts_what_was_sent_and_what_failed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    feed(Recorder(failing=1), bodies(), 10, *times(0.5, 1.0, 1.5, 2.0))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [{"sent": 10, "failed": 2, "skipped": 0}, {"sent": 20, "failed": 4, "skipped": 0}]
