"""The feeder sends everything once, and what failed again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from payflow.bench.feeding import Feeder

if TYPE_CHECKING:
    from collections.abc import Sequence

BODIES = [str(number).encode() for number in range(700)]
DEADLINE_S = 30.0


class Queue:
    """Takes bodies; every third call fails for its first body."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.calls = 0

    def send(self, bodies: Sequence[bytes]) -> list[tuple[int, str]]:
        self.calls += 1
        failed = [(0, "throttled")] if self.calls % 3 == 0 else []
        self.taken += bodies[len(failed) :]
        return failed


def test_what_the_queue_refuses_is_sent_again_until_all_is_there() -> None:
    queue = Queue()
    feeder = Feeder(queue, BODIES, rate=5_000)
    feeder.start()
    feeder._thread.join(DEADLINE_S)
    assert feeder.done
    assert sorted(queue.taken) == sorted(BODIES)
    assert feeder.sent == len(BODIES)
    assert 0 < feeder.resent == queue.calls // 3


def test_what_ends_the_feeder_early_is_told_to_whoever_asks() -> None:
    class Gone:
        def send(self, bodies: Sequence[bytes]) -> list[tuple[int, str]]:
            raise ConnectionError("the queue is gone")

    feeder = Feeder(Gone(), BODIES, rate=5_000)
    feeder.start()
    feeder._thread.join(DEADLINE_S)
    with pytest.raises(ConnectionError, match="the queue is gone"):
        _ = feeder.done


def test_a_feeder_that_is_stopped_sends_no_more() -> None:
    taken = threading.Event()

    class Refusing:
        def send(self, bodies: Sequence[bytes]) -> list[tuple[int, str]]:
            taken.set()
            return [(place, "throttled") for place in range(len(bodies))]

    feeder = Feeder(Refusing(), BODIES, rate=5_000)
    feeder.start()
    assert taken.wait(DEADLINE_S)
    feeder.stop()
    assert feeder.done
    assert feeder.sent == 0
