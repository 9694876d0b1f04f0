"""SQS does its worst at once: everything twice, thousands of places out of turn, every call in trouble."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right

if TYPE_CHECKING:
    from tests.scenarios.rig import Rig

MIX = Mix(duplicates=0.1, late=0.2, faulty=0.0)
EVENTS = 6_000


def test_everything_twice_and_thousands_of_places_out_of_turn_with_every_call_in_trouble(rig: Rig) -> None:
    deliveries = list(Workload(111, MIX).deliveries(EVENTS))
    trouble = {"throttle": 0.2, "partial_batch_failure": 0.2, "lost_reply": 0.1}
    rig.faults(
        seed=11,
        duplicate=1.0,
        reorder=1.0,
        reorder_window=5_000,
        actions=dict.fromkeys(
            ("ReceiveMessage", "DeleteMessageBatch", "DeleteMessage", "ChangeMessageVisibilityBatch"), trouble
        ),
    )
    rig.send(delivery.body for delivery in deliveries)
    workers = [rig.worker(queue_batch_size_max=100), rig.worker(queue_batch_size_max=100)]
    rig.drain(*workers)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    assert rig.recorded() >= EVENTS * 2, "each delivery is in the trail, the second ones as duplicates"
    assert rig.attempts() == []
    assert rig.dead_letters() == []
