"""The pipeline end to end: whatever the queue does to order and number, the books are the oracle's."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import orjson
import pytest
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right

if TYPE_CHECKING:
    from tests.scenarios.rig import Rig

VALID = Mix(duplicates=0.1, late=0.2, faulty=0.0, envelopes=0.05)
UNRULY = {"duplicate": 0.15, "reorder": 0.9, "reorder_window": 500, "delay": 0.02, "delay_ms": 300}


@pytest.mark.parametrize(("lanes", "batch_size_max"), [(1, 1), (1, 7), (3, 60), (4, 500)], ids=str)
def test_two_workers_make_the_oracles_books_of_shuffled_and_repeated_deliveries(
    rig: Rig, lanes: int, batch_size_max: int
) -> None:
    events = 400 if batch_size_max == 1 else 2_500
    deliveries = list(Workload(lanes * 1_000 + batch_size_max, VALID).deliveries(events))
    rig.faults(seed=lanes, **UNRULY)
    half = events // 2
    rig.send(delivery.body for delivery in deliveries[:half])
    workers = [rig.worker(queue_lanes=lanes, queue_batch_size_max=batch_size_max) for _ in range(2)]
    rig.until_working(*workers)
    rig.send(delivery.body for delivery in deliveries[half:])
    rig.drain(*workers)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    assert all(worker.figures()["decided"] > 0 for worker in workers)
    assert rig.depth(rig.dead_letter_queue_url) == 0


def test_whole_histories_in_any_order_leave_nothing_parked(rig: Rig) -> None:
    histories = list(Workload(11).histories(500))
    told = Told(facts=[fact for history in histories for fact in history.facts])
    bodies = [orjson.dumps(fact) for fact in told.facts] * 2
    Random(5).shuffle(bodies)  # noqa: S311 - test data
    workers = [
        rig.worker(queue_batch_size_max=50, queue_transport="native"),
        rig.worker(queue_batch_size_max=3, queue_transport="aioboto3"),
    ]
    rig.until_working(*workers)
    rig.send(bodies)
    rig.drain(*workers)
    asyncio.run(assert_books_are_right(rig.dsn, told))


def test_payments_that_everybody_works_on_at_once_are_right(rig: Rig) -> None:
    """A few payments, each fact many times: nearly every batch of one worker meets one of the other."""
    histories = list(Workload(12).histories(8, "dispute_won"))
    told = Told(facts=[fact for history in histories for fact in history.facts])
    bodies = [orjson.dumps(fact) for fact in told.facts] * 40
    Random(6).shuffle(bodies)  # noqa: S311 - test data
    workers = [rig.worker(queue_batch_size_max=10), rig.worker(queue_batch_size_max=10)]
    rig.until_working(*workers)
    rig.send(bodies)
    rig.drain(*workers)
    asyncio.run(assert_books_are_right(rig.dsn, told))


@pytest.mark.parametrize("transport", ["native", "aioboto3"])
def test_a_queue_that_throttles_loses_replies_and_fails_entries_changes_nothing(
    rig: Rig, transport: str
) -> None:
    deliveries = list(Workload(21, VALID).deliveries(1_500))
    rig.send(delivery.body for delivery in deliveries)
    trouble = {"throttle": 0.1, "partial_batch_failure": 0.1, "lost_reply": 0.05}
    rig.faults(
        seed=3,
        **UNRULY,
        actions={"ReceiveMessage": {"throttle": 0.1, "lost_reply": 0.02}, "DeleteMessageBatch": trouble},
    )
    worker = rig.worker(queue_transport=transport)
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    assert worker.figures()["errors"] != {}


def test_faulty_facts_surface_and_move_no_money(rig: Rig) -> None:
    deliveries = list(Workload(31, Mix(faulty=0.05, duplicates=0.05)).deliveries(2_000))
    told = Told.by(deliveries)
    assert len(told.faulty) > 40
    worker = rig.worker()
    rig.send(delivery.body for delivery in deliveries if delivery.kind != "faulty")
    rig.drain(worker)
    # A faulty fact contradicts what is known of its payment, so it comes when all else has come.
    rig.send(delivery.body for delivery in deliveries if delivery.kind == "faulty")
    second = rig.worker()
    rig.drain(second)
    asyncio.run(assert_books_are_right(rig.dsn, told))
    letters = rig.dead_letters()
    classes = {letter["MessageAttributes"]["payflow_class"]["StringValue"] for letter in letters}
    assert classes == {"conflict", "impossible"}
    assert len(letters) == rig.rows("SELECT count(*) FROM dead_letters")[0][0]
