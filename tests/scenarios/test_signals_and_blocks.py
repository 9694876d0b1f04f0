"""What signals and a blocked event loop do to a worker under load."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.worker_process import DEADLINE_S, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.scenarios.rig import Rig

MIX = Mix(duplicates=0.0, late=0.2, faulty=0.0)
BLOCK_S = 10
VISIBILITY_S = 3


@contextmanager
def blocked_worker(rig: Rig, logs: Path, **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker that is blocked after its first commit; its lines go to two files in `logs`."""
    with (logs / "blocked.status").open("wb") as status, (logs / "blocked.log").open("wb") as log:
        worker = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "tests.scenarios.blocked_worker", str(BLOCK_S)],
            env=rig.environment({"queue_visibility_timeout_s": VISIBILITY_S} | settings),
            stdout=status,
            stderr=log,
        )
        with worker:
            try:
                yield worker
            finally:
                worker.kill()


def dumps(log: Path) -> list[dict[str, Any]]:
    lines = [orjson.loads(line) for line in log.read_bytes().splitlines() if line.startswith(b"{")]
    return [line for line in lines if line["event"] == "worker_dump"]


def test_a_blocked_event_loop_costs_no_redelivery_and_its_culprit_can_be_seen_meanwhile(
    rig: Rig, tmp_path: Path
) -> None:
    deliveries = list(Workload(95, MIX).deliveries(2_000))
    rig.send(delivery.body for delivery in deliveries)
    with blocked_worker(rig, tmp_path, queue_batch_size_max=50) as worker:
        eventually(lambda: rig.recorded() > 0, "the first batch is committed, and the loop is blocked")
        worker.send_signal(signal.SIGUSR1)
        eventually(lambda: dumps(tmp_path / "blocked.log"), "a blocked worker answers SIGUSR1")
        eventually(lambda: rig.depth() == 0, "everything is applied and deleted")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(DEADLINE_S) == 0
    (dump,) = dumps(tmp_path / "blocked.log")
    assert dump["running"][-1].startswith("blocked_worker.py"), "it names the line that blocks"
    assert {"lane-0", "rules", "watch"} <= dump["tasks"].keys()
    assert dump["breakers"]["postgres"]["state"] == "closed"
    last = orjson.loads((tmp_path / "blocked.status").read_bytes().splitlines()[-1])
    assert last["received"] == len(deliveries), "each message was received once"
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_a_second_signal_does_not_wait_for_what_is_in_hand_and_loses_nothing(rig: Rig) -> None:
    deliveries = list(Workload(96, MIX).deliveries(500))
    locker = "BEGIN; LOCK TABLE payment_transactions IN ACCESS EXCLUSIVE MODE"
    rig.send(delivery.body for delivery in deliveries)
    asyncio.run(_hurry(rig, locker))
    rig.drain(rig.worker())
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


async def _hurry(rig: Rig, locker: str) -> None:
    """Stop a worker twice while every batch waits for a lock that somebody holds."""
    connection = await asyncpg.connect(rig.dsn)
    try:
        await connection.execute(locker)
        worker = rig.worker(worker_shutdown_timeout_s=120, postgres_statement_timeout_ms=120_000)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while not await connection.fetchval(waiting):
            assert worker.alive, worker.log()
            await asyncio.sleep(0.02)
        worker.signal(signal.SIGTERM)
        eventually(lambda: '"stopping"' in worker.log(), "it stops receiving", worker)
        worker.signal(signal.SIGTERM)
        assert worker.wait() in {0, 1}, worker.log()
        assert "worker_hurried" in worker.log()
    finally:
        await connection.close()
