"""kill -9 of a worker between any two stages, then another one: nothing is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import signal
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.dying_worker import STAGES

if TYPE_CHECKING:
    from tests.scenarios.rig import Rig

MIX = Mix(duplicates=0.1, late=0.2, faulty=0.0, bad=0.02)
PASSAGE = 6
"""Late enough that other lanes have batches at other stages when the worker dies."""
SETTINGS: dict[str, Any] = {"queue_batch_size_max": 40, "queue_lanes": 3, "queue_in_flight_max": 400}


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_lost_and_nothing_happens_twice_when_a_worker_dies_with_its_batch(
    rig: Rig, stage: str
) -> None:
    deliveries = list(Workload(STAGES.index(stage), MIX).deliveries(1_000))
    rig.faults(seed=1, duplicate=0.05, reorder=0.5)
    rig.send(delivery.body for delivery in deliveries)
    doomed = rig.worker(die_at=(stage, PASSAGE), **SETTINGS)
    assert doomed.wait() == -signal.SIGKILL, doomed.log()
    assert rig.depth() > 0
    rig.drain(rig.worker(**SETTINGS))
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    # The dead-letter queue may have a message twice: SQS promises no more than "at least once" either.
    bad = {delivery.body for delivery in deliveries if delivery.kind == "bad"}
    assert {letter["Body"].encode() for letter in rig.dead_letters()} == bad


def test_a_worker_killed_at_random_again_and_again_leaves_books_that_are_right(rig: Rig) -> None:
    deliveries = list(Workload(77, MIX).deliveries(3_000))
    rig.send(delivery.body for delivery in deliveries)
    random = Random(77)  # noqa: S311 - test data
    for _ in range(4):
        worker = rig.worker(**SETTINGS)
        rig.until_recorded(random.randint(1, 300), worker)
        worker.signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
    rig.drain(rig.worker(**SETTINGS))
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
