"""Limits on a fleet that runs: rates by receiving less, merchants apart, lanes at once, batches' size."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import redis as redis_client
from payflow.fleet.buckets import burst_of
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.fleet_console import QUICK_FLEET, FleetConsole, received
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from payflow.workload import Delivery

    from tests.scenarios.rig import Rig
    from tests.scenarios.worker_process import WorkerProcess

MIX = Mix(duplicates=0.1, late=0.2, faulty=0.0)
RATE = 200
RESERVE = 50 + 8 * 10
"""What one worker may have been granted and not used: a quarter of a second of it, and what 8 polls hold."""


@pytest.fixture
def console(rig: Rig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> FleetConsole:
    return FleetConsole(rig, monkeypatch, capsys)


def stream(seed: int, count: int) -> list[Delivery]:
    return list(Workload(seed, MIX).deliveries(count))


def send(rig: Rig, deliveries: list[Delivery]) -> None:
    rig.send(delivery.body for delivery in deliveries)


def merchant_of(delivery: Delivery) -> str:
    """Give the merchant of an event."""
    assert delivery.fact is not None
    merchant: str = delivery.fact["merchant_id"]
    return merchant


def granted(*workers: WorkerProcess) -> Counter[str]:
    total: Counter[str] = Counter()
    for worker in workers:
        total.update(worker.figures()["fleet"]["granted"])
    return total


def redis_time_s(rig: Rig) -> float:
    with redis_client.Redis.from_url(rig.valkey.endpoint) as redis:
        seconds, micros = redis.time()
    return float(seconds) + float(micros) / 1e6


@pytest.mark.parametrize("transport", ["native", "aioboto3"])
def test_two_workers_together_receive_what_the_rate_grants_and_no_more(
    rig: Rig, console: FleetConsole, transport: str
) -> None:
    deliveries = stream(101, 1_000)
    code, said = console.run("limit", "--rate", f"{RATE}/s")
    assert code == 0, said
    # A deadline that a busy machine keeps: this is about what Redis gives out.
    settings = QUICK_FLEET | {"queue_transport": transport, "redis_deadline_ms": 5_000}
    workers = [rig.worker(**settings) for _ in range(2)]
    console.until_live(*workers)
    began_s = redis_time_s(rig)
    send(rig, deliveries)
    rig.drain(*workers)
    took_s = redis_time_s(rig) - began_s
    by_redis = granted(*workers)["redis"]
    assert granted(*workers)["equal_share"] == 0
    assert received(*workers) == len(deliveries) <= by_redis
    assert by_redis <= RATE * took_s + burst_of(RATE) + 2 * RESERVE, (
        "what flowed in, and what was saved up before"
    )
    assert by_redis <= len(deliveries) + 2 * RESERVE, "nothing is hoarded"
    share = min(worker.figures()["received"] for worker in workers)
    assert share >= len(deliveries) / 4, "neither starves"
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    assert rig.rows("SELECT count(*) FROM dead_letters")[0][0] == 0


def test_a_rate_is_kept_by_equal_shares_while_redis_is_away(rig: Rig, console: FleetConsole) -> None:
    deliveries = stream(102, 600)
    # Before they start: a poll that is parked when a limit comes is not counted.
    assert console.run("limit", "--rate", f"{RATE}")[0] == 0
    workers = [rig.worker(**QUICK_FLEET) for _ in range(2)]
    console.until_live(*workers)
    for pid in rig.valkey.pids():
        os.kill(pid, signal.SIGKILL)
    send(rig, deliveries)
    rig.drain(*workers)
    shares = granted(*workers)
    assert shares["equal_share"] > 0
    assert received(*workers) <= sum(shares.values())
    assert min(worker.figures()["received"] for worker in workers) > 0
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_a_lifted_rate_lets_all_through_and_messages_never_failed_for_it(
    rig: Rig, console: FleetConsole
) -> None:
    deliveries = stream(103, 1_000)
    worker = rig.worker(**QUICK_FLEET)
    console.until_live(worker)
    console.obeyed("limit", "--rate", "1")
    send(rig, deliveries)
    console.after_heartbeats(5, worker)
    assert console.waiting() > 900, "they wait in the queue and not in hand"
    console.obeyed("limit", "--rate", "none")
    rig.drain(worker)
    assert worker.figures()["received"] == len(deliveries), "each came once"
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_a_merchant_over_its_rate_waits_and_its_neighbours_do_not(rig: Rig, console: FleetConsole) -> None:
    deliveries = stream(104, 1_200)
    counts = Counter(map(merchant_of, deliveries))
    (slow, of_slow), *_ = counts.most_common(1)
    worker = rig.worker(**QUICK_FLEET, fleet_merchant_hold_max_s=600)
    console.until_live(worker)
    console.obeyed("limit", "--merchant", f"{slow}=0.01/s")
    send(rig, deliveries)
    eventually(
        lambda: console.worker(worker)["in_hand"] == console.worker(worker)["held"] >= of_slow - 1,
        "only the slow merchant's events are left in hand",
        worker,
    )
    assert rig.depth() in {of_slow, of_slow - 1}, "everybody else's are applied"
    # Longer than two visibility timeouts, of 2 s: what waits is kept alive.
    console.after_heartbeats(25, worker)
    console.obeyed("limit", "--merchant", f"{slow}=none")
    rig.drain(worker)
    assert worker.figures()["received"] == len(deliveries), "what waited was received once"
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_what_waits_beyond_its_bound_goes_back_and_counts_as_no_attempt(
    rig: Rig, console: FleetConsole
) -> None:
    deliveries = stream(105, 400)
    (slow, of_slow), *_ = Counter(map(merchant_of, deliveries)).most_common(1)
    worker = rig.worker(**QUICK_FLEET, fleet_merchant_hold_max_s=0.2)
    console.until_live(worker)
    console.obeyed("limit", "--merchant", f"{slow}=0.01/s")
    send(rig, deliveries)
    eventually(
        lambda: (
            console.worker(worker)["in_hand"] == 0 and worker.figures()["fleet"]["returned"] >= of_slow - 1
        ),
        "they went back",
        worker,
    )
    assert rig.depth() >= of_slow - 1, "they wait in the queue"
    with redis_client.Redis.from_url(rig.valkey.endpoint) as redis:
        assert redis.keys("pf:attempts:*") == []
    assert rig.rows("SELECT count(*) FROM dead_letters")[0][0] == 0


def test_a_drain_gives_back_what_waits_for_its_merchant(rig: Rig, console: FleetConsole) -> None:
    deliveries = stream(106, 300)
    (slow, of_slow), *_ = Counter(map(merchant_of, deliveries)).most_common(1)
    worker = rig.worker(**QUICK_FLEET, fleet_merchant_hold_max_s=600)
    console.until_live(worker)
    console.obeyed("limit", "--merchant", f"{slow}=0.01/s")
    send(rig, deliveries)
    eventually(lambda: console.worker(worker)["held"] >= of_slow - 1, "they wait", worker)
    console.obeyed("drain")
    assert (console.worker(worker)["in_hand"], console.worker(worker)["held"]) == (0, 0)
    eventually(lambda: console.waiting() == rig.depth() > 0, "others can have them", worker)
    console.obeyed("limit", "--clear")
    console.obeyed("resume")
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_batch_size_and_lanes_change_under_load_and_the_books_stay_right(
    rig: Rig, console: FleetConsole
) -> None:
    deliveries = list(Workload(107, Mix(duplicates=0.1, late=0.2, faulty=0.0, bad=0.02)).deliveries(6_000))
    settings: dict[str, Any] = QUICK_FLEET | {"queue_lanes": 3, "queue_batch_size_max": 100}
    workers = [rig.worker(**settings) for _ in range(2)]
    console.until_live(*workers)
    rig.faults(duplicate=0.05, reorder=0.3, actions={"ReceiveMessage": {"added_latency_ms": 20}})
    send(rig, deliveries)
    for size, lanes in ((5, 1), (400, 3), (1, 2), (50, 1)):
        rig.until_recorded(20, *workers)
        told = console.obeyed("limit", "--batch-size", str(size), "--concurrency", str(lanes))
        assert (told["limits"]["batch_size_max"], told["limits"]["concurrency_max"]) == (size, lanes)
        found = {(w["batch_size_max"], w["concurrency_max"]) for w in console.workers().values()}
        assert found == {(size, lanes)}
    console.obeyed("limit", "--clear")
    found = {(w["batch_size_max"], w["concurrency_max"]) for w in console.workers().values()}
    assert found == {(100, 3)}, "what they were set to"
    rig.faults()
    rig.drain(*workers)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_more_lanes_than_started_are_refused_with_what_to_do(rig: Rig, console: FleetConsole) -> None:
    worker = rig.worker(**QUICK_FLEET, queue_lanes=2)
    console.until_live(worker)
    code, said = console.run("limit", "--concurrency", "3")
    assert code == 2
    assert "must be at most 2, the lanes that live workers have started, is 3" in said
    assert "PAYFLOW_QUEUE_LANES=3" in said
    assert console.json("status")[1]["limits"]["concurrency_max"] is None


def test_the_dump_tells_what_the_worker_obeys(rig: Rig, console: FleetConsole) -> None:
    worker = rig.worker(**QUICK_FLEET)
    console.until_live(worker)
    console.obeyed("limit", "--rate", "7")
    console.obeyed("pause")
    worker.signal(signal.SIGUSR1)
    eventually(lambda: "worker_dump" in worker.log(), "it answers", worker)
    (line,) = [line for line in worker.log().splitlines() if "worker_dump" in line]
    told = orjson.loads(line)["fleet"]
    assert (told["state"], told["revision"], told["rate_per_s"]) == ("paused", 2, 7.0)
