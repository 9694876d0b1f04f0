"""Whatever becomes of the marks, PostgreSQL decides: slower at worst, the same books always."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from payflow import _native
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.ledger.ledger import IDENTITY
from payflow.workload import Mix, Workload
from redis import Redis

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.workload import Delivery

    from tests.scenarios.rig import Rig

EVENTS = 2_000
MIX = Mix(duplicates=0.2, late=0.2, faulty=0.0)
SETTINGS: dict[str, Any] = {"queue_batch_size_max": 50}
# Where marks are what it is about, one late answer of a busy machine must not leave them all out.
MARKED: dict[str, Any] = SETTINGS | {"redis_deadline_ms": 5_000}
Marks: TypeAlias = "list[tuple[bytes, bytes]]"


def flush(rig: Rig) -> None:
    """All marks are gone, and the scripts with them."""
    with closing(Redis.from_url(rig.valkey.endpoint)) as redis:
        redis.flushall()
        redis.script_flush()


def freeze(rig: Rig) -> None:
    """The server takes connections and answers nothing."""
    for pid in rig.valkey.pids():
        os.kill(pid, signal.SIGSTOP)


def kill(rig: Rig) -> None:
    """The server is gone."""
    for pid in rig.valkey.pids():
        os.kill(pid, signal.SIGKILL)


def forbid_writes(rig: Rig) -> None:
    """The server answers and takes no marks, as one whose memory is full."""
    with closing(Redis.from_url(rig.valkey.endpoint)) as redis:
        redis.config_set("maxmemory-policy", "noeviction")
        redis.config_set("maxmemory", 1)


def demote(rig: Rig) -> None:
    """The server has become a replica, as after a failover: it answers reads and refuses writes."""
    with closing(Redis.from_url(rig.valkey.endpoint)) as redis:
        redis.replicaof("127.0.0.1", 1)


@pytest.mark.parametrize("trouble", [flush, freeze, kill, forbid_writes, demote])
def test_trouble_with_the_cache_in_the_middle_of_a_run_changes_nothing(
    rig: Rig, trouble: Callable[[Rig], None]
) -> None:
    deliveries = list(Workload(41, MIX).deliveries(EVENTS))
    worker = rig.worker(**SETTINGS)
    rig.send(delivery.body for delivery in deliveries[: EVENTS // 2])
    rig.until_recorded(1, worker)
    trouble(rig)
    rig.send(delivery.body for delivery in deliveries[EVENTS // 2 :])
    # All of it once more: every event that was marked before the trouble comes without its mark now.
    rig.send(delivery.body for delivery in deliveries)
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    assert worker.figures()["failures"] == {}


def test_a_worker_starts_and_works_without_any_cache(rig: Rig) -> None:
    kill(rig)
    deliveries = list(Workload(42, MIX).deliveries(500))
    rig.send(delivery.body for delivery in deliveries)
    rig.drain(rig.worker(**SETTINGS))
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def of_other_payloads(marks: Marks) -> Marks:
    """Every event is marked with the fingerprint of another payload."""
    return [(key, bytes(255 - byte for byte in fingerprint)) for key, fingerprint in marks]


def of_no_shape(marks: Marks) -> Marks:
    """Every mark is something that no worker writes."""
    return [(key, fingerprint[: place % 16]) for place, (key, fingerprint) in enumerate(marks)]


@pytest.mark.parametrize("lie", [of_other_payloads, of_no_shape])
def test_marks_that_lie_hide_no_event(rig: Rig, lie: Callable[[Marks], Marks]) -> None:
    deliveries = list(Workload(43, MIX).deliveries(EVENTS))
    plant(rig, lie(marks_of(deliveries, ledger_id(rig))))
    rig.send(delivery.body for delivery in deliveries)
    rig.drain(rig.worker(**MARKED))
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_marks_of_other_books_hide_no_event(rig: Rig) -> None:
    deliveries = list(Workload(44, MIX).deliveries(EVENTS))
    plant(rig, marks_of(deliveries, "00000000-0000-4000-8000-000000000000"))
    rig.send(delivery.body for delivery in deliveries)
    rig.drain(rig.worker(**MARKED))
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_marks_that_go_missing_one_by_one_make_no_event_count_twice(rig: Rig) -> None:
    deliveries = list(Workload(45, MIX).deliveries(EVENTS))
    bodies = [delivery.body for delivery in deliveries]
    worker = rig.worker(**MARKED)
    rig.send(bodies)
    eventually(lambda: rig.depth() == 0, "the queue is empty", worker)
    with closing(Redis.from_url(rig.valkey.endpoint)) as redis:
        keys: Any = redis.keys("*")
        assert len(keys) > EVENTS / 2, "the worker marks what it commits"
        redis.delete(*keys[::2])
    rig.send(bodies)
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    reasons = dict(rig.rows("SELECT reason, count(*) FROM audit_logs WHERE verdict = 'duplicate' GROUP BY 1"))
    # Both ways to know a duplicate were taken: by its mark, and by the ledger where the mark was missing.
    assert min(reasons["marked_as_seen"], reasons["event_seen"]) > EVENTS / 4


def ledger_id(rig: Rig) -> str:
    return str(rig.rows(IDENTITY)[0][0])


def marks_of(deliveries: list[Delivery], ledger: str) -> Marks:
    decoded = Decoder(Sources.load(), lambda: datetime.now(UTC)).decode(
        [delivery.body for delivery in deliveries]
    )
    events = _native.Events(decoded.events, decoded.payloads)
    return list(zip(events.mark_keys(ledger), events.fingerprints(), strict=True))


def plant(rig: Rig, marks: Marks) -> None:
    with closing(Redis.from_url(rig.valkey.endpoint)) as redis:
        redis.mset(dict(marks))
