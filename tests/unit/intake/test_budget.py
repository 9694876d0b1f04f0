"""What is used of the budget in flight, when it runs out, and how bad that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from payflow.intake.budget import BudgetOptions, BudgetState, InFlightBudget, Level, trend_of

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LIMIT = 1_000


@dataclass
class Watched:
    """A budget whose clock and whose own messages a test sets."""

    share: float = 0.5
    now_s: float = 0.0
    in_hand: int = 0
    waiting: int = 0

    def __post_init__(self) -> None:
        self.budget = InFlightBudget(
            BudgetOptions(limit=LIMIT, share=self.share, stale_after_s=60.0),
            own=lambda: (self.in_hand, self.waiting),
            clock_s=lambda: self.now_s,
            utc_now=lambda: STARTED,
            redriven_at=15,
        )

    def read(self, *in_flight: int, every_s: float = 10.0) -> BudgetState:
        for count in in_flight:
            self.now_s += every_s
            self.budget.read(count, redriven_at=7)
        return self.budget.state()


def test_before_sqs_has_told_its_own_messages_are_all_that_is_known() -> None:
    state = Watched(in_hand=30, waiting=12).budget.state()
    assert (state.used, state.in_queue, state.read_at, state.trend_per_s) == (42, None, None, None)
    assert state.level is Level.AMPLE


def test_what_sqs_says_counts_for_the_whole_queue() -> None:
    state = Watched(in_hand=30).read(400)
    assert (state.used, state.in_queue, state.in_hand, state.limit) == (400, 400, 30, LIMIT)
    assert state.read_at == STARTED


def test_between_two_answers_own_messages_carry_the_figure_on() -> None:
    watched = Watched(in_hand=30, waiting=10)
    watched.read(400)
    watched.in_hand, watched.waiting = 130, 5
    assert watched.budget.state().used == 495
    watched.in_hand = 0
    assert watched.budget.state().used == 365


def test_never_less_than_own_messages_are_used() -> None:
    watched = Watched(in_hand=30)
    watched.read(0)
    assert watched.budget.state().used == 30


def test_an_answer_that_is_too_old_counts_for_nothing() -> None:
    watched = Watched(in_hand=30)
    watched.read(300, 400, 500, 600)
    watched.now_s += 61
    state = watched.budget.state()
    assert (state.used, state.in_queue, state.trend_per_s, state.exhausted_in_s) == (30, None, None, None)


@pytest.mark.parametrize(
    ("readings", "trend", "exhausted_in_s"),
    [
        ([100, 200, 300, 400], 10.0, 60.0),
        ([400, 300, 200, 100], -10.0, None),
        ([400, 400, 400, 400], 0.0, None),
        ([100, 200, 300], None, None),
        ([970, 980, 990, 1_000], 1.0, 0.0),
    ],
)
def test_the_forecast_follows_the_trend(
    readings: list[int], trend: float | None, exhausted_in_s: float | None
) -> None:
    state = Watched().read(*readings)
    assert state.trend_per_s == (None if trend is None else pytest.approx(trend))
    assert state.exhausted_in_s == (None if exhausted_in_s is None else pytest.approx(exhausted_in_s))


def test_what_would_run_out_in_more_than_a_day_does_not_run_out() -> None:
    assert Watched().read(10, 10, 10, 11, every_s=75).exhausted_in_s is None


def test_readings_that_are_long_past_don_t_bend_the_trend() -> None:
    watched = Watched()
    watched.read(*range(0, 1_000, 100))
    watched.now_s += 400
    assert watched.read(500, 500, 500, 500).trend_per_s == pytest.approx(0.0)


def test_noise_around_a_rise_leaves_the_rise() -> None:
    state = Watched().read(*(100 + 10 * place + (7 if place % 2 else -7) for place in range(20)))
    assert state.trend_per_s == pytest.approx(1.0, rel=0.1)


def test_readings_at_one_moment_have_no_trend() -> None:
    assert trend_of([(1.0, 5.0)] * 10) is None


@pytest.mark.parametrize(
    ("readings", "level"),
    [
        ([100, 100, 100, 100], Level.AMPLE),
        ([500, 500, 500, 500], Level.BEYOND_SHARE),
        ([900, 900, 900, 900], Level.RUNNING_OUT),
        ([300, 310, 320, 330], Level.AMPLE),
        ([180, 220, 260, 300], Level.RUNNING_OUT),
        # A worker that has just started takes its fill at once, which is no trend.
        ([0, 80, 160, 240], Level.AMPLE),
    ],
)
def test_it_is_bad_by_what_is_used_and_by_how_soon_it_runs_out(readings: list[int], level: Level) -> None:
    assert Watched().read(*readings).level is level


def test_the_share_is_what_waiting_may_have() -> None:
    watched = Watched(share=0.3)
    watched.read(299)
    assert not watched.budget.beyond_share
    watched.read(300)
    assert watched.budget.beyond_share


@pytest.mark.parametrize(("share", "used", "beyond"), [(0.0, 0, True), (1.0, 999, False), (1.0, 1_000, True)])
def test_the_ends_of_the_share_mean_always_and_only_at_the_limit(
    share: float, used: int, beyond: bool
) -> None:
    watched = Watched(share=share)
    watched.read(used)
    assert watched.budget.beyond_share is beyond


def test_the_redrive_policy_is_as_set_until_sqs_has_told() -> None:
    watched = Watched()
    assert watched.budget.redriven_at == 15
    watched.read(1)
    assert watched.budget.redriven_at == 7
    watched.budget.read(1, redriven_at=None)
    assert watched.budget.redriven_at is None


def test_an_answer_that_failed_is_counted_and_changes_nothing() -> None:
    watched = Watched()
    watched.read(400)
    watched.budget.not_read()
    assert watched.budget.readings_failed == 1
    assert watched.budget.state().used == 400
