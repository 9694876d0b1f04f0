"""Delays of retries, and when there are none any more."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payflow.pipeline import RetryPolicy


class Highest(random.Random):
    """Chance that always draws the upper end."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def test_delays_double_from_one_second_to_five_minutes() -> None:
    policy = RetryPolicy(rng=Highest())
    assert [policy.delay_s(attempts) for attempts in range(1, 12)] == [
        1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300,
    ]  # fmt: skip


@given(attempts=st.integers(-1, 2**31), seed=st.integers(0, 2**32))
def test_every_delay_is_one_that_sqs_takes(attempts: int, seed: int) -> None:
    assert 0 <= RetryPolicy(rng=random.Random(seed)).delay_s(attempts) <= 300  # noqa: S311


@pytest.mark.parametrize(("attempts", "exhausted"), [(14, False), (15, True), (16, True)])
def test_the_last_attempt_is_the_one_that_reaches_the_bound(attempts: int, exhausted: bool) -> None:
    assert RetryPolicy(attempts_max=15).is_exhausted(attempts) is exhausted


def test_the_first_races_are_run_again_at_once_and_later_ones_after_a_short_pause() -> None:
    policy = RetryPolicy(rng=Highest())
    assert [policy.race_delay_s(races) for races in (1, 2, 3)] == [0.0, 0.0, 0.0]
    assert 0.0 < policy.race_delay_s(4) < policy.race_delay_s(5) < policy.race_delay_s(16) <= 0.1
