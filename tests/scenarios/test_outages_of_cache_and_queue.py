"""Valkey or SQS in trouble shows in the worker's breakers, costs time, and burns no attempt."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from tests.scenarios.rig import Rig
    from tests.scenarios.worker_process import WorkerProcess

MIX = Mix(duplicates=0.1, late=0.2, faulty=0.0)


def logged(worker: WorkerProcess, event: str, dependency: str) -> bool:
    return any(f'"{event}"' in line and f'"{dependency}"' in line for line in worker.log().splitlines())


def test_a_worker_whose_cache_is_killed_says_so_and_goes_on_without_it(rig: Rig) -> None:
    deliveries = list(Workload(81, MIX).deliveries(2_000))
    bodies = [delivery.body for delivery in deliveries]
    worker = rig.worker(queue_batch_size_max=20)
    rig.send(bodies[:1_000])
    eventually(lambda: rig.recorded() > 100, "the worker works", worker)
    for pid in rig.valkey.pids():
        os.kill(pid, signal.SIGKILL)
    rig.send(bodies[1_000:])
    eventually(lambda: logged(worker, "breaker_opened", "redis"), "the breaker opens", worker)
    rig.drain(worker)
    assert worker.figures()["received"] == len(deliveries)
    assert worker.figures()["breakers"] == {"postgres": "closed", "redis": "open", "sqs": "closed"}
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_a_queue_that_throttles_everything_shows_and_is_drained_once_it_stops(rig: Rig) -> None:
    deliveries = list(Workload(82, MIX).deliveries(1_000))
    worker = rig.worker()
    rig.until_working(worker)
    rig.faults(throttle=1.0)
    eventually(lambda: logged(worker, "breaker_opened", "sqs"), "the breaker opens", worker)
    rig.faults()
    rig.send(delivery.body for delivery in deliveries)
    eventually(lambda: logged(worker, "breaker_closed", "sqs"), "the breaker closes", worker)
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_a_message_that_fails_each_time_is_dead_lettered_by_the_worker_and_counts_receives_apart(
    rig: Rig,
) -> None:
    deliveries = list(Workload(83, Mix(duplicates=0.0, late=0.0, faulty=0.0)).deliveries(60))
    poisoned = deliveries[30].payment_id
    rig.rows(f"ALTER TABLE payment_transactions ADD CONSTRAINT poison CHECK (payment_id <> '{poisoned}')")
    ours = {delivery.body for delivery in deliveries if delivery.payment_id == poisoned}
    rig.send(delivery.body for delivery in deliveries)
    rig.drain(rig.worker(queue_receives_max=3))
    letters = rig.dead_letters()
    assert {letter["Body"].encode() for letter in letters} == ours
    rows = rig.rows("SELECT class, reason, receive_count, body, rule FROM dead_letters")
    assert {bytes(row["body"]) for row in rows} == ours
    for row in rows:
        assert (row["class"], row["reason"], row["receive_count"]) == ("exhausted", "store_refused", 3)
        assert "poison" in row["rule"], "it names the constraint"
    others = [delivery for delivery in deliveries if delivery.payment_id != poisoned]
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(others), exhausted=True))
