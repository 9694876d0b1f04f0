"""Messages that were put off are counted until they come back."""

from __future__ import annotations

from payflow.telemetry.waits import Waits


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.25

    def __call__(self) -> float:
        return self.now_s


def test_each_message_waits_for_its_own_delay() -> None:
    clock = Clock()
    waits = Waits(clock)
    waits.add([1, 1, 30])
    assert waits.waiting == 3
    clock.now_s += 2
    assert waits.waiting == 1
    clock.now_s += 30
    assert waits.waiting == 0


def test_a_message_without_a_delay_does_not_wait() -> None:
    waits = Waits(Clock())
    waits.add([0, 0])
    assert waits.waiting == 0


def test_what_is_kept_is_bounded_by_the_delay_and_not_by_the_messages() -> None:
    clock = Clock()
    waits = Waits(clock)
    for _ in range(1_000):
        waits.add([5, 10])
        clock.now_s += 0.5
    assert waits.waiting == 10 + 20
    assert len(waits._by_end_s) <= 12
