"""Lags of several workers add up step by step, and their percentiles lie where the deliveries are."""

from __future__ import annotations

from itertools import accumulate

import pytest
from payflow.telemetry.buckets import LAG_BOUNDS_S
from payflow.telemetry.lag_steps import BUCKETS, LagSteps, percentile_ms


def counted(**by_bucket: int) -> list[int]:
    counts = [by_bucket.get(f"b{place}", 0) for place in range(BUCKETS)]
    return list(accumulate(counts))


def test_what_was_counted_before_the_first_step_is_not_new() -> None:
    steps = LagSteps()
    assert steps.step({"w": counted(b3=7)}) is None
    new = steps.step({"w": counted(b3=9, b5=1)})
    assert new is not None
    assert (new[3], new[5], sum(new)) == (2, 1, 3)
    assert steps.step({"w": counted(b3=9, b5=1)}) is None


def test_a_worker_that_comes_later_counts_from_its_start() -> None:
    steps = LagSteps()
    steps.step({})
    new = steps.step({"a": counted(b1=2), "b": counted(b1=3)})
    assert new is not None
    assert new[1] == 5


def test_a_worker_of_another_release_is_passed_over() -> None:
    steps = LagSteps()
    steps.step({})
    assert steps.step({"old": [], "other": [1, 2, 3]}) is None


def test_a_percentile_lies_in_its_bucket() -> None:
    counts = [0] * BUCKETS
    counts[4], counts[8] = 90, 10
    p50, p99 = percentile_ms(counts, 0.5), percentile_ms(counts, 0.99)
    assert p50 is not None
    assert p99 is not None
    assert LAG_BOUNDS_S[3] * 1_000 < p50 <= LAG_BOUNDS_S[4] * 1_000
    assert LAG_BOUNDS_S[7] * 1_000 < p99 <= LAG_BOUNDS_S[8] * 1_000


def test_nothing_has_no_percentile_and_beyond_the_last_bound_lies_the_bound() -> None:
    assert percentile_ms([0] * BUCKETS, 0.5) is None
    beyond = [0] * BUCKETS
    beyond[-1] = 4
    assert percentile_ms(beyond, 0.5) == pytest.approx(LAG_BOUNDS_S[-1] * 1_000)
