"""A worker whose clock jumps an hour, both ways, as after a bad synchronization: no fact is judged by it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right

if TYPE_CHECKING:
    from tests.scenarios.rig import Rig

SPAN = "SELECT min(recorded_at) AS first, max(recorded_at) AS last FROM audit_logs"


def test_a_clock_that_jumps_an_hour_both_ways_changes_no_verdict_and_ends_no_wait(rig: Rig) -> None:
    now = rig.rows("SELECT now()")[0][0]
    # Of this moment: for the worker they lie an hour ahead now, an hour back then. Many wait for others.
    deliveries = list(
        Workload(131, Mix(duplicates=0.1, late=0.4, faulty=0.0), clock_start=now).deliveries(3_000)
    )
    rig.send(delivery.body for delivery in deliveries)
    worker = rig.worker(clock_jumps_s=3_600, queue_batch_size_max=20)
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    (span,) = rig.rows(SPAN)
    assert (span["last"] - span["first"]).total_seconds() > 7_000, "the clock has jumped both ways"
    assert worker.figures()["received"] == len(deliveries), "no deadline or timeout goes by it"
    assert rig.attempts() == []
    assert rig.dead_letters() == []
