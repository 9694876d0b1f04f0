"""Lags of many deliveries, counted between bounds down to half a millisecond."""

from __future__ import annotations

import pytest
from payflow import _native
from payflow.telemetry.buckets import LAG_BOUNDS_S, Buckets, read_lags
from payflow.telemetry.stages import AttemptLags, StageTimes


def test_counts_are_cumulative_and_the_bound_is_included() -> None:
    lags = _native.LagHistogram()
    lags.record_between_ms([0, 0, 0, 0], [0, 5, 5, 2_000])
    assert lags.counts_up_to_ms([0.5, 4.9, 5.0, 1_999.0, 2_000.0]) == [1, 1, 3, 3, 4]


def test_the_sum_is_right_within_a_thousandth() -> None:
    lags = _native.LagHistogram()
    lags.record_between_ms([0] * 1_000, list(range(1_000)))
    assert lags.sum_ms() == pytest.approx(sum(range(1_000)), rel=1e-3)


def test_an_end_before_its_start_is_no_lag_and_a_lag_past_all_bounds_is_counted() -> None:
    lags = _native.LagHistogram()
    lags.record_between_ms([1_000, 0], [0, 30 * 86_400_000])
    distribution = read_lags(lags)
    assert distribution.bounds == LAG_BOUNDS_S
    assert distribution.counts[0] == 1
    assert distribution.counts[-2:] == (1, 2)


def test_an_empty_histogram_reads_as_zeros() -> None:
    distribution = read_lags(_native.LagHistogram())
    assert set(distribution.counts) == {0}
    assert distribution.sum == 0.0


def test_starts_without_ends_are_refused() -> None:
    with pytest.raises(ValueError, match="2 starts, 1 ends"):
        _native.LagHistogram().record_between_ms([1, 2], [3])


def test_buckets_count_a_value_at_its_bound_and_all_of_them_at_the_end() -> None:
    buckets = Buckets((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 9.0):
        buckets.observe(value)
    assert buckets.read() == ((1.0, 2.0), (2, 3, 4), 12.0)


def test_first_deliveries_are_counted_apart_from_those_that_come_again() -> None:
    lags = AttemptLags()
    lags.record_between([0, 0, 0], [1, 2, 9_000], [1, 1, 3])
    lags.record_since([0], 3.0, [1])
    assert {attempt: len(found) for attempt, found in lags.by_attempt.items()} == {"first": 3, "again": 1}
    assert lags.by_attempt["again"].max_ms() == pytest.approx(9_000, rel=1e-3)


def test_laps_count_each_stage_from_the_end_of_the_one_before() -> None:
    ticks = iter([0.0, 0.25, 1.25])
    times = StageTimes(lambda: next(ticks))
    laps = times.laps()
    laps.end("decode")
    laps.end("check")
    assert times.by_stage["decode"].read().sum == 0.25
    assert times.by_stage["check"].read().sum == 1.0
