"""Orders to a fleet that runs: pause, resume, drain, and what a worker does that knows of none."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest
import redis as redis_client
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.fleet_console import QUICK_FLEET, FleetConsole
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from payflow.workload import Delivery

    from tests.scenarios.rig import Rig

MIX = Mix(duplicates=0.1, late=0.2, faulty=0.0)


@pytest.fixture
def console(rig: Rig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> FleetConsole:
    return FleetConsole(rig, monkeypatch, capsys)


def stream(seed: int, count: int) -> list[Delivery]:
    return list(Workload(seed, MIX).deliveries(count))


def send(rig: Rig, deliveries: list[Delivery]) -> None:
    rig.send(delivery.body for delivery in deliveries)


def test_a_paused_fleet_receives_nothing_and_a_resumed_one_goes_on(rig: Rig, console: FleetConsole) -> None:
    deliveries = stream(91, 600)
    workers = [rig.worker(**QUICK_FLEET) for _ in range(2)]
    console.until_live(*workers)
    send(rig, deliveries[:300])
    eventually(lambda: rig.depth() == 0, "the first half is applied", *workers)
    paused = console.obeyed("pause", "--note", "maintenance of the bank")
    assert len(paused["obeyed"]) == 2
    send(rig, deliveries[300:])
    console.after_heartbeats(3, *workers)
    assert console.waiting() == 300, "nobody has received anything"
    assert {(w["state"], *w["paused_for"]) for w in console.workers().values()} == {("paused", "operator")}
    console.obeyed("resume")
    rig.drain(*workers)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    actions = rig.rows("SELECT action, note FROM audit_logs WHERE subject_kind = 'fleet' ORDER BY audit_id")
    assert [tuple(row) for row in actions] == [
        ("fleet.paused", "maintenance of the bank"),
        ("fleet.resumed", None),
    ]


def test_one_worker_is_paused_by_name_and_stays_so_when_the_fleet_is_resumed(
    rig: Rig, console: FleetConsole
) -> None:
    deliveries = stream(92, 200)
    paused, works = rig.worker(**QUICK_FLEET), rig.worker(**QUICK_FLEET)
    console.until_live(paused, works)
    name = console.worker(paused)["worker_id"]
    console.obeyed("pause", "--worker", name)
    console.obeyed("resume")
    send(rig, deliveries)
    eventually(lambda: rig.depth() == 0, "the other one applies everything", paused, works)
    assert (console.worker(paused)["state"], console.worker(works)["state"]) == ("paused", "running")
    _, said = console.run("resume")
    assert f"{name} is asked by name to be paused" in said
    console.obeyed("resume", "--worker", name)
    assert console.worker(paused)["state"] == "running"
    assert paused.stop() == 0
    assert paused.figures()["received"] == 0
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


@pytest.mark.parametrize("transport", ["native", "aioboto3"])
def test_a_drain_under_load_leaves_nothing_in_hand_and_can_be_taken_back(
    rig: Rig, console: FleetConsole, transport: str
) -> None:
    deliveries = stream(93, 4_000)
    settings = QUICK_FLEET | {"queue_batch_size_max": 20, "queue_transport": transport}
    workers = [rig.worker(**settings) for _ in range(2)]
    console.until_live(*workers)
    rig.faults(actions={"ReceiveMessage": {"added_latency_ms": 100}})  # it must last until they are drained
    send(rig, deliveries)
    rig.until_recorded(100, *workers)
    console.obeyed("drain")
    assert {(w["state"], w["in_hand"]) for w in console.workers().values()} == {("drained", 0)}
    left = rig.depth()
    assert left > 0, "they were drained before they were done"
    assert console.waiting() == left, "all of it can be had by others"
    rig.faults()
    console.obeyed("resume")
    rig.drain(*workers)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_workers_that_drain_to_their_end_exit_with_0_and_later_ones_wait_for_the_fleet(
    rig: Rig, console: FleetConsole
) -> None:
    deliveries = stream(94, 100)
    workers = [rig.worker(**QUICK_FLEET) for _ in range(2)]
    console.until_live(*workers)
    code, _ = console.run("drain", "--exit", "--wait")
    assert code == 0
    assert [worker.wait() for worker in workers] == [0, 0]
    assert {w["state"] for w in console.workers().values()} == {"stopped"}
    later = rig.worker(**QUICK_FLEET)
    console.until_live(later)
    send(rig, deliveries)
    console.after_heartbeats(3, later)
    assert (console.worker(later)["state"], console.waiting()) == ("drained", 100)
    console.obeyed("resume")
    rig.drain(later)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_an_order_that_redis_can_not_pass_on_is_obeyed_from_the_database(
    rig: Rig, console: FleetConsole
) -> None:
    worker = rig.worker(**QUICK_FLEET)
    console.until_live(worker)
    for pid in rig.valkey.pids():
        os.kill(pid, signal.SIGKILL)
    told = console.obeyed("pause")
    assert told["told"] is False
    send(rig, stream(95, 50))
    console.after_heartbeats(3, worker)
    assert console.waiting() == 50
    assert console.worker(worker)["state"] == "paused"


def test_a_redis_that_forgets_and_lies_never_makes_a_paused_fleet_run(
    rig: Rig, console: FleetConsole
) -> None:
    worker = rig.worker(**QUICK_FLEET)
    console.until_live(worker)
    console.obeyed("pause")
    send(rig, stream(96, 50))
    with redis_client.Redis.from_url(rig.valkey.endpoint) as redis:
        (stream_key,) = redis.keys("pf:{fleet:*}:orders")
        redis.flushall()
        for lie in ({"revision": 99}, {"revision": "many"}, {"state": "running"}):
            redis.xadd(stream_key, lie)
        console.after_heartbeats(3, worker)
        redis.flushall()
        redis.set(stream_key, "no stream")
    console.after_heartbeats(3, worker)
    assert (console.waiting(), console.worker(worker)["state"]) == (50, "paused")
    console.obeyed("resume")
    rig.drain(worker)


def test_a_worker_that_starts_in_a_paused_fleet_receives_nothing(rig: Rig, console: FleetConsole) -> None:
    code, said = console.run("pause")
    assert code == 0, said
    deliveries = stream(97, 50)
    send(rig, deliveries)
    worker = rig.worker(**QUICK_FLEET)
    console.until_live(worker)
    console.after_heartbeats(3, worker)
    assert (console.waiting(), console.worker(worker)["state"]) == (50, "paused")
    console.obeyed("resume")
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_a_killed_worker_shows_as_dead_and_one_that_ended_in_order_as_stopped(
    rig: Rig, console: FleetConsole
) -> None:
    killed, stopped, lives = (rig.worker(**QUICK_FLEET) for _ in range(3))
    console.until_live(killed, stopped, lives)
    killed.signal(signal.SIGKILL)
    killed.wait()
    assert stopped.stop() == 0
    eventually(lambda: console.worker(killed)["state"] == "dead", "it shows as dead", lives)
    found = console.workers().values()
    assert {(w["pid"], w["state"], w["alive"]) for w in found} == {
        (killed.pid, "dead", False),
        (stopped.pid, "stopped", False),
        (lives.pid, "running", True),
    }
    code, said = console.run("status")
    assert code == 0, "the live ones obey"
    assert "1 live, 2 dead or stopped within a day" in said
    code, said = console.run("pause", "--worker", console.worker(killed)["worker_id"])
    assert (code, "is live" in said) == (2, True)


def test_whoever_waits_is_told_who_does_not_do_it(rig: Rig, console: FleetConsole) -> None:
    # Its heartbeats are far apart, so that it still counts as live when it is frozen.
    frozen = rig.worker(fleet_heartbeat_interval_s=20)
    obeys = rig.worker(**QUICK_FLEET)
    console.until_live(frozen, obeys)
    name = console.worker(frozen)["worker_id"]
    frozen.signal(signal.SIGSTOP)
    try:
        code, told = console.json("pause", "--wait", "--timeout", "2")
        assert (code, told["late"], len(told["obeyed"])) == (1, [name], 1)
        code, said = console.run("pause", "--wait", "--timeout", "0.5")
        assert (code, f"not yet: {name}" in said) == (1, True)
        assert console.run("status")[0] == 1, "a live worker does not obey"
    finally:
        frozen.signal(signal.SIGCONT)
    console.obeyed("resume")


def test_the_database_away_shows_the_workers_as_redis_has_them(
    rig: Rig, console: FleetConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = rig.worker(**QUICK_FLEET)
    console.until_live(worker)
    monkeypatch.setenv("PAYFLOW_POSTGRES_DSN", "postgresql://payflow@127.0.0.1:1/payflow")
    code, told = console.json("status")
    assert code == 3
    assert "PostgreSQL does not answer" in told["database"]
    assert [(w["pid"], w["alive"]) for w in told["workers"]] == [(worker.pid, True)]
    code, said = console.run("status")
    assert (code, "Orders can't be read or given" in said) == (3, True)
    assert console.run("pause")[0] == 3
