"""A breaker that is driven by counters."""

from __future__ import annotations

import pytest
from payflow.breakers import Breakers, Calls, ObservedBreaker, State
from payflow.breakers.observed import IDLE_LOOKS_MAX

from tests.unit.breakers.clock import StandingClock


def observed(failing_share: float) -> tuple[ObservedBreaker, Breakers]:
    clock = StandingClock()
    breakers = Breakers(clock.seconds, clock.utc)
    return ObservedBreaker(breakers.add("sqs"), failing_share), breakers


def state(breakers: Breakers) -> State:
    return breakers.states()["sqs"].state


def test_it_opens_when_the_share_of_failed_calls_is_reached_and_names_the_most_frequent_kind() -> None:
    subject, breakers = observed(0.5)
    subject.observe({"ThrottlingException": 1}, {"polls": Calls(1, 9)})
    assert state(breakers) is State.CLOSED
    subject.observe({"ThrottlingException": 9, "deadline": 2}, {"polls": Calls(11, 11)})
    assert state(breakers) is State.OPEN
    assert breakers.states()["sqs"].reason == "ThrottlingException: 10 of 12 polls failed"


def test_polls_that_hang_show_though_other_calls_go_well_until_a_poll_does() -> None:
    subject, breakers = observed(0.5)
    subject.observe({"deadline": 8}, {"polls": Calls(8, 0), "other calls": Calls(0, 50)})
    assert state(breakers) is State.OPEN
    subject.observe({"deadline": 8}, {"polls": Calls(8, 0), "other calls": Calls(0, 100)})
    assert state(breakers) is State.OPEN
    subject.observe({"deadline": 8}, {"polls": Calls(8, 1), "other calls": Calls(0, 150)})
    assert state(breakers) is State.CLOSED


def test_calls_that_are_not_made_any_more_hold_nothing_open_for_ever() -> None:
    subject, breakers = observed(0.5)
    subject.observe({"deadline": 1}, {"polls": Calls(0, 0), "deletes": Calls(1, 0)})
    for look in range(IDLE_LOOKS_MAX):
        assert state(breakers) is State.OPEN
        subject.observe({"deadline": 1}, {"polls": Calls(0, 1 + look), "deletes": Calls(1, 0)})
    assert state(breakers) is State.CLOSED


def test_what_had_failed_before_does_not_count_again() -> None:
    subject, breakers = observed(0.5)
    subject.observe({"deadline": 5}, {"polls": Calls(5, 0)})
    subject.observe({"deadline": 5}, {"polls": Calls(5, 1)})
    assert state(breakers) is State.CLOSED


def test_a_stretch_without_calls_changes_nothing() -> None:
    subject, breakers = observed(0.5)
    subject.observe({"deadline": 5}, {"polls": Calls(5, 0)})
    subject.observe({"deadline": 5}, {"polls": Calls(5, 0)})
    assert state(breakers) is State.OPEN
    assert breakers.states()["sqs"].opened_total == 1


@pytest.mark.parametrize("share", [0.0, -0.5, 1.5])
def test_a_share_that_means_nothing_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="failing_share"):
        observed(share)


def test_a_dependency_has_one_breaker() -> None:
    _, breakers = observed(0.5)
    with pytest.raises(ValueError, match="sqs"):
        breakers.add("sqs")
