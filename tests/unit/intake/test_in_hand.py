"""The plain intake's tracker: bounded, decided once, extended at half the timeout."""

from __future__ import annotations

from payflow.intake.in_hand import InHand, Stage


def in_hand() -> InHand:
    return InHand(in_flight_max=20, visibility_timeout_s=30, total_max_s=3_600)


def test_room_is_bounded_by_what_is_in_hand_and_what_may_still_come() -> None:
    tracker = in_hand()
    assert tracker.reserve()
    assert tracker.reserve()
    assert not tracker.reserve()
    tracker.unreserve()
    delivery = tracker.admit("r", 0.0, first=True)
    assert not tracker.reserve()
    tracker.settle(delivery.token)
    assert tracker.reserve()


def test_a_delivery_is_decided_once() -> None:
    tracker = in_hand()
    token = tracker.admit("r", 0.0, first=True).token
    assert tracker.decide(token, Stage.DELETING) is not None
    assert tracker.decide(token, Stage.RETURNING) is None
    assert len(tracker) == 1


def test_extension_falls_due_at_half_the_timeout_and_again_after_it() -> None:
    tracker = in_hand()
    delivery = tracker.admit("r", 0.0, first=True)
    assert list(tracker.due(14.0)) == []
    assert list(tracker.due(15.0)) == [delivery]
    tracker.extended(delivery, 15.0)
    assert list(tracker.due(29.0)) == []
    assert list(tracker.due(30.0)) == [delivery]


def test_what_goes_back_is_not_extended() -> None:
    tracker = in_hand()
    delivery = tracker.admit("r", 0.0, first=True)
    tracker.decide(delivery.token, Stage.RETURNING)
    assert list(tracker.due(20.0)) == []


def test_what_is_lost_in_a_lane_is_let_go_and_what_is_worked_on_stays() -> None:
    tracker = in_hand()
    queued, running = tracker.admit("q", 0.0, first=True), tracker.admit("r", 0.0, first=True)
    running.stage = Stage.RUNNING
    tracker.lose(queued)
    tracker.lose(running)
    assert tracker.get(queued.token) is None
    assert tracker.get(running.token) is running
    assert list(tracker.due(100.0)) == []
