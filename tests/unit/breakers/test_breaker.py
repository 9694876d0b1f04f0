"""The breaker's states, and when it wants to be probed."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from payflow.breakers import Breaker, ProbeDelays, State
from payflow.breakers.breaker import REASON_LENGTH_MAX

from tests.unit.breakers.clock import BEGIN, StandingClock

DELAYS = ProbeDelays(delay_min_s=1.0, delay_max_s=8.0, rng=random.Random(1))  # noqa: S311


def breaker() -> tuple[Breaker, StandingClock]:
    clock = StandingClock()
    return Breaker("postgres", DELAYS, clock.seconds, clock.utc), clock


def test_a_new_breaker_is_closed_and_has_no_reason() -> None:
    state = breaker()[0].state()
    assert (state.state, state.reason, state.since, state.opened_total) == (State.CLOSED, None, BEGIN, 0)


def test_the_first_failure_opens_it_with_its_reason_and_its_time() -> None:
    subject, clock = breaker()
    clock.now_s = 5.0
    subject.failed("connection refused")
    state = subject.state()
    assert (state.state, state.reason, state.opened_total) == (State.OPEN, "connection refused", 1)
    assert state.since == BEGIN + timedelta(seconds=5)


def test_failures_while_open_bring_the_reason_up_to_date_and_put_off_no_probe() -> None:
    subject, clock = breaker()
    subject.failed("first")
    due_s = subject.probe_in_s
    clock.now_s = due_s / 2
    subject.failed("second")
    assert subject.state().reason == "second"
    assert subject.probe_in_s == due_s / 2
    assert subject.state().opened_total == 1


def test_a_success_closes_it_from_open_and_from_half_open() -> None:
    subject, _ = breaker()
    for tried in (False, True):
        subject.failed("away")
        if tried:
            subject.probe()
            assert subject.state().state is State.HALF_OPEN
        subject.succeeded()
        assert subject.closed
        assert subject.state().reason is None
    assert subject.state().opened_total == 2


def test_a_failed_probe_opens_it_again_and_doubles_the_pause_up_to_its_bound() -> None:
    subject, clock = breaker()
    subject.failed("away")
    caps_s = []
    for cap_s in (1.0, 2.0, 4.0, 8.0, 8.0):
        assert cap_s / 2 <= subject.probe_in_s <= cap_s
        caps_s.append(cap_s)
        clock.now_s += subject.probe_in_s
        subject.probe()
        subject.failed("still away")
    assert subject.state().probes_total == len(caps_s)
    assert subject.state().opened_total == 1, "one outage, however many probes"


def test_an_outage_lasts_from_the_first_failure_through_all_probes() -> None:
    subject, clock = breaker()
    subject.failed("away")
    clock.now_s = 3.0
    subject.probe()
    subject.failed("still away")
    clock.now_s = 7.0
    assert subject.open_for_s == 7.0
    subject.succeeded()
    assert subject.open_for_s == 0.0


def test_a_long_reason_is_cut() -> None:
    subject, _ = breaker()
    subject.failed("x" * 10_000)
    assert len(subject.state().reason or "") == REASON_LENGTH_MAX


def test_every_change_of_state_is_told_once_with_the_state_before() -> None:
    told: list[tuple[State, State]] = []
    clock = StandingClock()
    subject = Breaker(
        "redis",
        DELAYS,
        clock.seconds,
        clock.utc,
        lambda told_by, before: told.append((before, told_by.state().state)),
    )
    subject.succeeded()
    subject.failed("a")
    subject.failed("b")
    subject.probe()
    subject.succeeded()
    assert told == [
        (State.CLOSED, State.OPEN),
        (State.OPEN, State.HALF_OPEN),
        (State.HALF_OPEN, State.CLOSED),
    ]


@given(failed_probes=st.integers(0, 10_000), seed=st.integers(0, 2**32))
def test_no_probe_comes_without_a_pause_or_later_than_the_bound(failed_probes: int, seed: int) -> None:
    delays = ProbeDelays(delay_min_s=0.25, delay_max_s=3.0, rng=random.Random(seed))  # noqa: S311
    assert 0.125 <= delays.delay_s(failed_probes) <= 3.0
