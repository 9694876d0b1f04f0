"""PostgreSQL goes away under load and comes back: nothing is lost, and no attempt is burnt."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from payflow.embedded import DataDirectory, EmbeddedPostgres
from payflow.embedded.process import Limits
from payflow.faults import WAL_SEGMENT_BYTES, limit_file_size
from payflow.ledger.migrations import upgrade
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payflow.workload import Delivery

    from tests.scenarios.rig import Rig
    from tests.scenarios.worker_process import WorkerProcess

MIX = Mix(duplicates=0.1, late=0.2, faulty=0.0)
SETTINGS: dict[str, Any] = {
    "queue_batch_size_max": 20,
    "queue_lanes": 3,
    "postgres_statement_timeout_ms": 1_000,
    "postgres_connect_timeout_s": 1,
    "postgres_probe_delay_max_s": 0.5,
}

GROWING = """
INSERT INTO audit_logs
    (payment_id, source, event_id, occurrence, action, verdict, reason, actor, recorded_at, payload)
SELECT 'p', 's', number::text, 0, 'a', 'v', 'r', 'test', now(), repeat('x', 1500)
FROM generate_series(1, 20000) AS number
"""


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own: other tests would not survive what is done to it."""
    path = Path(tempfile.mkdtemp(prefix="payflow-test-"))
    path.chmod(0o711)
    with DataDirectory(path / "data") as directory:
        server = EmbeddedPostgres(directory, limits=Limits(stop_timeout_s=5.0))
        server.start()
        yield server
        for pid in server.pids():  # a test that failed amid a freeze has not thawed it
            os.kill(pid, signal.SIGCONT)
        server.stop()
    shutil.rmtree(path)


@pytest.fixture
def database_dsn(server: EmbeddedPostgres) -> str:
    """Put the rig on this server instead of the session's."""
    upgrade(server.endpoint)
    return server.endpoint


def restart(server: EmbeddedPostgres) -> Callable[[], None]:
    """An operator restarts it: sessions are ended, connections are refused until it is back."""
    server.stop()
    return server.start


def kill(server: EmbeddedPostgres) -> Callable[[], None]:
    """The machine has run out of memory, say: no farewell, and recovery from the log at the start."""
    for pid in server.pids():
        os.kill(pid, signal.SIGKILL)
    server.stop()
    return server.start


def freeze(server: EmbeddedPostgres) -> Callable[[], None]:
    """Every process hangs: connections are taken, and nobody answers."""
    pids = server.pids()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)

    def thaw() -> None:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    return thaw


def fill_disk(server: EmbeddedPostgres) -> Callable[[], None]:
    """The trail can't grow any more; the server answers all the same, and its write-ahead log has room."""
    limit_file_size(server, WAL_SEGMENT_BYTES)
    asyncio.run(_grow_trail(server.endpoint))
    return lambda: limit_file_size(server, None)


async def _grow_trail(dsn: str) -> None:
    """Bring the trail's file to the limit with rows that are never committed."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("ALTER TABLE audit_logs SET (autovacuum_enabled = off)")
        with pytest.raises(asyncpg.PostgresError, match="could not extend"):
            await connection.execute(GROWING)
    finally:
        await connection.close()


def seconds_told(worker: WorkerProcess) -> int:
    """Count its status lines, one a second."""
    return worker._status.read_bytes().count(b"\n")


def sent_in_two_halves(rig: Rig, seed: int) -> tuple[list[Delivery], Callable[[], None]]:
    """Send half of a workload; give all of it, and what sends the rest."""
    deliveries = list(Workload(seed, MIX).deliveries(4_000))
    bodies = [delivery.body for delivery in deliveries]
    rig.send(bodies[:2_000])
    return deliveries, lambda: rig.send(bodies[2_000:])


def assert_no_attempt_was_burnt(rig: Rig, worker: WorkerProcess, sent: int) -> None:
    assert worker.figures()["received"] == sent, "each message was received once"
    assert rig.dead_letters() == []
    assert rig.rows("SELECT count(*) FROM dead_letters")[0][0] == 0


@pytest.mark.parametrize("trouble", [restart, kill, freeze, fill_disk])
def test_an_outage_burns_no_attempt_and_loses_nothing(
    rig: Rig, server: EmbeddedPostgres, trouble: Callable[[EmbeddedPostgres], Callable[[], None]]
) -> None:
    deliveries = list(Workload(91, MIX).deliveries(4_000))
    bodies = [delivery.body for delivery in deliveries]
    rig.send(bodies[:2_000])
    worker = rig.worker(**SETTINGS)
    eventually(lambda: rig.recorded() > 200, "the worker works", worker)
    recover = trouble(server)
    # By now a fast worker may be done with all that it had; these are more than fit into a full disk.
    rig.send(bodies[2_000:2_500])
    eventually(lambda: "breaker_opened" in worker.log(), "the breaker opens", worker)
    eventually(lambda: "receiving_paused" in worker.log(), "no further poll begins", worker)
    rig.send(bodies[2_500:])
    # Twice the visibility timeout: what is in hand is kept alive meanwhile.
    began = seconds_told(worker)
    eventually(lambda: seconds_told(worker) > began + 4, "the outage lasts", worker)
    assert worker.figures()["breakers"]["postgres"] != "closed"
    parting = 8 * 10
    assert worker.figures()["received"] <= 2_500 + parting, "polls under way come back, no more"
    recover()
    eventually(lambda: "breaker_closed" in worker.log(), "the breaker closes", worker)
    rig.drain(worker)
    assert_no_attempt_was_burnt(rig, worker, len(deliveries))
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_what_is_held_too_long_goes_back_to_the_queue_and_is_applied_after_the_outage(
    rig: Rig, server: EmbeddedPostgres
) -> None:
    deliveries, send_the_rest = sent_in_two_halves(rig, 92)
    worker = rig.worker(**SETTINGS | {"worker_outage_hold_max_s": 1})
    eventually(lambda: rig.recorded() > 200, "the worker works", worker)
    recover = kill(server)
    eventually(lambda: "breaker_opened" in worker.log(), "the breaker opens", worker)
    told = seconds_told(worker)
    eventually(lambda: seconds_told(worker) > told, "the worker says what it has in hand", worker)
    eventually(lambda: worker.figures()["in_hand"] == 0, "everything in hand goes back", worker)
    send_the_rest()
    recover()
    rig.drain(worker)
    assert rig.dead_letters() == []
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))


def test_a_worker_that_is_stopped_during_an_outage_gives_back_what_it_holds(
    rig: Rig, server: EmbeddedPostgres
) -> None:
    deliveries, send_the_rest = sent_in_two_halves(rig, 93)
    # Without a release, nothing would be seen again before the test is over.
    first = rig.worker(**SETTINGS | {"queue_visibility_timeout_s": 600})
    eventually(lambda: rig.recorded() > 200, "the worker works", first)
    recover = freeze(server)
    eventually(lambda: "breaker_opened" in first.log(), "the breaker opens", first)
    assert first.stop() == 0, first.log()
    send_the_rest()
    recover()
    rig.drain(rig.worker(**SETTINGS))
    assert rig.dead_letters() == []
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
