"""Rates from a count that only grows."""

from __future__ import annotations

import pytest
from payflow.bench.rates import Rates


def rates(*counts: int, step_s: float = 0.5) -> Rates:
    told = Rates()
    for place, count in enumerate(counts):
        told.note(100 + place * step_s, count)
    return told


def test_each_whole_second_has_its_growth() -> None:
    assert rates(0, 5, 10, 40, 70, 70).by_second() == [10, 60]
    assert rates(3).by_second() == []
    assert Rates().by_second() == []


def test_the_median_leaves_out_the_first_and_the_last_second() -> None:
    assert rates(0, 1, 101, 203, 305, 306, step_s=1.0).median() == 102
    assert rates(0, 10, 20, step_s=0.5).median() == 20, "too short for a median: the mean"
    assert Rates().median() == 0


@pytest.mark.parametrize(("rate", "after_s"), [(10, 0.0), (50, 1.0), (60, 1.0), (1_000, None)])
def test_a_rate_is_reached_with_the_first_second_that_has_it(rate: int, after_s: float | None) -> None:
    assert rates(0, 5, 10, 40, 70, 70).reached(rate) == after_s
    assert Rates().reached(rate) is None
