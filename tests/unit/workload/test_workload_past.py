"""A past of payments is whole in each stretch, ordered, bounded in time, and the same for the same seed."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from payflow.workload.clock import unix_ms
from payflow.workload.past import Past

START_MS = unix_ms(datetime(2026, 8, 1, tzinfo=UTC))
END_MS = unix_ms(datetime(2026, 11, 1, tzinfo=UTC))


def past(seed: int = 1, payments: int = 1_000) -> Past:
    return Past(seed, START_MS, END_MS, payments)


def test_the_same_seed_gives_the_same_past() -> None:
    assert list(past().stretches()) == list(past().stretches())
    assert list(past(1).stretches()) != list(past(2).stretches())


def test_a_stretch_holds_all_that_was_ever_delivered_of_its_payments() -> None:
    seen: set[str] = set()
    for stretch in past().stretches(100):
        named = {orjson.loads(delivery.body)["payment_id"] for delivery in stretch}
        assert named.isdisjoint(seen)
        seen |= named
    assert len(seen) >= 1_000


def test_deliveries_are_in_the_order_of_recording_and_none_lies_in_the_future() -> None:
    for stretch in past().stretches(100):
        times = [delivery.recorded_ms for delivery in stretch]
        assert times == sorted(times)
        assert times[0] >= START_MS
        assert times[-1] <= END_MS


def test_payments_begin_evenly_over_the_whole_span() -> None:
    halves = [0, 0]
    for stretch in past().stretches(100):
        for delivery in stretch:
            halves[delivery.recorded_ms * 2 > START_MS + END_MS] += 1
    assert 0.8 < halves[0] / halves[1] < 1.25


def test_a_payment_comes_to_about_five_rows() -> None:
    deliveries = sum(len(stretch) for stretch in past().stretches())
    assert 4_000 < deliveries < 6_000
