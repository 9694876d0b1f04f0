"""What the stream is made of: ids followed across gaps, payments told in turn, buffers that are bounded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from payflow.api.routing.access import Principal, Role
from payflow.api.stream import pending
from payflow.api.stream.following import GAPS_MAX, Following
from payflow.api.stream.frames import Frame
from payflow.api.stream.pending import Pending
from payflow.api.stream.subscriber import FRAMES_MAX, Subscriber

if TYPE_CHECKING:
    import pytest

PRINCIPAL = Principal(user_id="u", role=Role.READ_ONLY, session_id="s", email="e", name="n")


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def frame(
    key: str, topic: str = "payments", merchant_id: str | None = None, *, for_all: bool = False
) -> Frame:
    return Frame(topic, key, json.dumps(key), merchant_id, for_all=for_all)  # type: ignore[arg-type]


def test_what_is_missing_below_the_newest_is_looked_for_until_it_is_settled() -> None:
    following = Following(newest=10)
    following.take([12, 15])
    assert (following.gaps, following.complete_to, following.newest) == ([11, 13, 14], 10, 15)
    following.take([11])
    assert (following.gaps, following.complete_to) == ([13, 14], 12)
    following.settle(13)
    assert (following.gaps, following.complete_to) == ([14], 13)
    following.settle(15)
    assert following.complete_to == 15


def test_it_begins_with_what_is_not_in_sight_yet() -> None:
    assert Following(newest=10, present=[6, 7, 9, 10], behind=5).gaps == [8]


def test_a_huge_gap_costs_a_bounded_memory() -> None:
    following = Following()
    following.take([10 * GAPS_MAX])
    assert len(following.gaps) == GAPS_MAX
    following.take([20 * GAPS_MAX])
    assert len(following.gaps) == GAPS_MAX


@given(st.permutations(range(1, 30)), st.integers(1, 10))
def test_in_whatever_order_ids_come_to_sight_each_is_taken_and_none_is_missing(
    order: list[int], step: int
) -> None:
    following = Following()
    for at in range(0, len(order), step):
        following.take(sorted(order[at : at + step]))
        seen = set(order[: at + step])
        assert set(following.gaps) == set(range(1, max(seen) + 1)) - seen
        assert all(number in seen for number in range(1, following.complete_to + 1))
    assert following.complete_to == len(order)


def test_a_payment_is_told_once_in_the_order_of_its_first_change_with_its_last_verdict() -> None:
    waiting = Pending(10, Clock())
    waiting.add({"a": "apply", "b": "apply"}, behind=5)
    waiting.add({"c": "stale", "a": "duplicate"}, behind=9)
    assert waiting.behind == 5
    assert list(waiting.take().items()) == [("a", "duplicate"), ("b", "apply"), ("c", "stale")]
    assert waiting.behind is None


def test_no_more_are_told_than_the_rate_allows_and_no_burst_makes_up_for_silence() -> None:
    clock = Clock()
    waiting = Pending(10, clock)
    waiting.add({f"p{number}": None for number in range(30)}, behind=1)
    assert len(waiting.take()) == 10
    assert len(waiting.take()) == 0
    clock.now_s += 0.5
    assert len(waiting.take()) == 5
    clock.now_s += 60
    assert len(waiting.take()) == 10


def test_too_many_waiting_payments_are_passed_over_and_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "PENDING_MAX", 3)
    waiting = Pending(10, Clock())
    waiting.add({f"p{number}": None for number in range(5)}, behind=1)
    assert waiting.skipped
    assert list(waiting.take()) == ["p2", "p3", "p4"]


def test_a_reader_gets_its_topics_and_its_merchant_and_what_is_for_all() -> None:
    reader = Subscriber(PRINCIPAL, ["payments", "metrics"], "m1")
    reader.offer(frame("mine", merchant_id="m1"))
    reader.offer(frame("other", merchant_id="m2"))
    reader.offer(frame("alert", "alerts", "m1"))
    reader.offer(frame("tick", "metrics", for_all=True))
    assert reader.taken() == ['"mine"', '"tick"']
    reader.offer(frame("mine", merchant_id="m1"))
    reader.change(["alerts"], None)
    assert reader.taken() == []


def test_what_waits_is_replaced_by_what_is_newer() -> None:
    reader = Subscriber(PRINCIPAL, ["payments"], None)
    for key in ("a", "b", "a"):
        reader.offer(frame(key))
    assert reader.taken() == ['"b"', '"a"']


def test_a_full_buffer_drops_and_counts_and_never_grows() -> None:
    reader = Subscriber(PRINCIPAL, ["payments"], None)
    for number in range(FRAMES_MAX + 7):
        reader.offer(frame(str(number)))
    assert reader.dropped == 7
    assert len(reader.taken()) == FRAMES_MAX


async def test_a_reader_wakes_for_what_is_offered_and_for_its_end() -> None:
    reader = Subscriber(PRINCIPAL, ["payments"], None)
    await reader.wait(0)
    reader.offer(frame("a"))
    await reader.wait(3_600)
    assert reader.taken() == ['"a"']
    reader.end(4001)
    reader.end(4003)
    await reader.wait(3_600)
    assert reader.close_code == 4001
