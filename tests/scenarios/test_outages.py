"""PostgreSQL goes away under load and comes back: what was in hand comes again, and counts once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right

if TYPE_CHECKING:
    from tests.scenarios.rig import Rig

END_OTHER_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
OUTAGES = 3


def test_a_worker_whose_database_sessions_are_ended_again_and_again_goes_on(rig: Rig) -> None:
    deliveries = list(Workload(71, Mix(duplicates=0.1, late=0.2, faulty=0.0)).deliveries(3_000))
    rig.send(delivery.body for delivery in deliveries)
    worker = rig.worker(queue_batch_size_max=20)
    for _ in range(OUTAGES):
        rig.until_recorded(100, worker)
        rig.rows(END_OTHER_SESSIONS)
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    assert worker.figures()["failures"].keys() == {"store_unavailable"}
