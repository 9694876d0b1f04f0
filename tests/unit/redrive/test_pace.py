"""A replay keeps to its rate."""

from __future__ import annotations

import pytest
from payflow.redrive import Pace


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, wait_s: float) -> None:
        self.now_s += wait_s


async def test_what_goes_through_is_spread_over_the_time_that_the_rate_asks_for() -> None:
    time = Time()
    pace = Pace(10, time, time.sleep)
    for _ in range(6):
        await pace.take(5)
    assert time.now_s == pytest.approx(100.0 + 5 * 0.5)


async def test_a_pause_is_not_made_up_for_by_a_burst() -> None:
    time = Time()
    pace = Pace(10, time, time.sleep)
    await pace.take(10)
    time.now_s += 60
    await pace.take(10)
    await pace.take(10)
    assert time.now_s == pytest.approx(100.0 + 60 + 1)
