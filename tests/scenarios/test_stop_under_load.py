"""SIGTERM under load: the command ends in order, and what it held is finished or back in the queue."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING

import orjson
import pytest
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.worker_process import DEADLINE_S

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios.rig import Rig

MIX = Mix(duplicates=0.1, late=0.2, faulty=0.0)


@pytest.mark.parametrize("transport", ["native", "aioboto3"])
def test_a_worker_that_is_stopped_under_load_ends_with_0_and_loses_nothing(
    rig: Rig, tmp_path: Path, transport: str
) -> None:
    deliveries = list(Workload(61, MIX).deliveries(6_000))
    rig.send(delivery.body for delivery in deliveries)
    # A long visibility timeout: what the worker does not give back itself would come too late for this test.
    settings = {"queue_visibility_timeout_s": 600, "queue_batch_size_max": 20, "queue_transport": transport}
    with (tmp_path / "command.log").open("wb") as log:
        command = subprocess.Popen(
            [sys.executable, "-m", "payflow", "worker", "--status", "json"],
            env=rig.environment(settings),
            stdout=subprocess.PIPE,
            stderr=log,
        )
    with command:
        try:
            rig.until_recorded(100)
            command.send_signal(signal.SIGTERM)
            status, _ = command.communicate(timeout=DEADLINE_S)
        finally:
            command.kill()
    said = (tmp_path / "command.log").read_text("utf-8")
    assert command.returncode == 0, said
    assert rig.depth() > 0, "the worker was stopped before it was done"
    last = orjson.loads(status.splitlines()[-1])
    in_trail = last["decided"] + sum(last["rejudged"].values())
    assert in_trail == rig.recorded(), "the books have what the worker says that it decided"
    assert last["decided"] + rig.depth() == len(deliveries), "in hand is finished or back in the queue"
    assert last["in_hand"] == 0
    rig.drain(rig.worker())
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_workers_that_are_stopped_at_random_moments_finish_nothing_twice_and_burn_no_attempt(
    rig: Rig,
) -> None:
    """A short form of `payflow bench restarts`, which does it 50 times."""
    deliveries = list(Workload(62, Mix(duplicates=0.0, late=0.2, faulty=0.0)).deliveries(4_000))
    rig.send(delivery.body for delivery in deliveries)
    random = Random(62)  # noqa: S311 - test data
    for _ in range(6):
        # Again a long visibility timeout: what a worker does not give back would never come.
        worker = rig.worker(queue_visibility_timeout_s=600, queue_batch_size_max=20)
        rig.until_recorded(random.randint(1, 400), worker)
        assert worker.stop() == 0, worker.log()
    assert rig.depth() > 0, "the workers were stopped before all was done"
    rig.drain(rig.worker(queue_visibility_timeout_s=600))
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    finished_twice = rig.rows("SELECT count(*) FROM audit_logs WHERE verdict = 'duplicate'")[0][0]
    assert finished_twice == 0, "no message that was finished came again"
    assert rig.attempts() == []
    assert rig.dead_letters() == []
