"""SQS does its worst: everything twice, thousands of places out of turn, hanging past every deadline."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from payflow.faults import Switches
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from payflow.faults import Proxied

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


def test_a_queue_that_hangs_is_waited_for_and_its_client_is_rebuilt(rig: Rig, queue_network: Proxied) -> None:
    deliveries = list(Workload(112, MIX).deliveries(1_500))
    worker = rig.worker(queue_endpoint_url=queue_network.endpoint, queue_batch_size_max=50)
    rig.until_working(worker)
    rig.send(delivery.body for delivery in deliveries[:1_000])
    rig.until_recorded(50, worker)
    queue_network.proxy.turn(Switches(frozen=True))
    rig.send(delivery.body for delivery in deliveries[1_000:])
    # Eleven seconds: a poll's wait and what it may take beyond. The receipts in hand run out meanwhile.
    eventually(lambda: '"breaker_opened"' in worker.log(), "calls run into their deadlines", worker)
    accepted = queue_network.proxy.counts().accepted
    eventually(lambda: queue_network.proxy.counts().accepted > accepted, "new connections are tried", worker)
    queue_network.proxy.turn(Switches())
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    assert rig.attempts() == []
    assert rig.dead_letters() == []
