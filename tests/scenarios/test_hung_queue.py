"""SQS stops answering without closing a connection: the worker comes back by itself, and nothing is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from tests.scenarios.rig import Rig
    from tests.scenarios.worker_process import WorkerProcess

MIX = Mix(duplicates=0.1, late=0.2, faulty=0.0)
HUNG_MS = 120_000


def breaker(worker: WorkerProcess, event: str) -> bool:
    return any(f'"{event}"' in line and '"sqs"' in line for line in worker.log().splitlines())


@pytest.mark.parametrize("actions", [["ReceiveMessage"], ["ReceiveMessage", "DeleteMessageBatch"]], ids=len)
def test_a_queue_that_hangs_shows_and_is_drained_once_it_answers(rig: Rig, actions: list[str]) -> None:
    deliveries = list(Workload(31, MIX).deliveries(1_000))
    bodies = [delivery.body for delivery in deliveries]
    worker = rig.worker()
    rig.send(bodies[:500])
    eventually(lambda: rig.recorded() > 0, "the worker works", worker)
    rig.faults(actions={action: {"added_latency_ms": HUNG_MS} for action in actions})
    rig.send(bodies[500:])
    eventually(lambda: breaker(worker, "breaker_opened"), "polls miss their deadline", worker)
    rig.faults()
    eventually(lambda: breaker(worker, "breaker_closed"), "polls are answered again", worker)
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    assert rig.dead_letters() == []
