"""The network to a server dies at any moment, also amid a commit: nothing is lost or counted twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from payflow.faults import Switches
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.faults import Counts, Proxied
    from payflow.workload import Delivery

    from tests.scenarios.rig import Rig
    from tests.scenarios.worker_process import WorkerProcess

SETTINGS: dict[str, Any] = {
    "queue_batch_size_max": 20,
    "postgres_statement_timeout_ms": 1_000,
    "postgres_connect_timeout_s": 1,
    "postgres_probe_delay_max_s": 0.2,
}
SHOTS = 4
DUPLICATES = "SELECT reason, count(*) FROM audit_logs WHERE verdict = 'duplicate' GROUP BY 1"


def strike(
    rig: Rig, network: Proxied, worker: WorkerProcess, shot: str, deliveries: Sequence[Delivery]
) -> None:
    """Send deliveries while a counted switch strikes, and wait until they are all applied."""

    def struck(counts: Counts) -> int:
        return int(getattr(counts, shot))

    before = struck(network.proxy.counts())
    network.proxy.turn(Switches.parse({shot: SHOTS}))
    rig.send(delivery.body for delivery in deliveries)
    eventually(lambda: struck(network.proxy.counts()) == before + SHOTS, f"{shot} strike", worker)
    eventually(lambda: rig.depth() == 0, "everything is applied all the same", worker)


def test_whether_a_commit_took_effect_before_its_connection_died_is_found_out(
    rig: Rig, postgres_network: Proxied
) -> None:
    valid = list(Workload(101, Mix(duplicates=0.0, late=0.2, faulty=0.02)).deliveries(2_500))
    faulty = [delivery for delivery in valid if delivery.kind == "faulty"]
    facts = [delivery for delivery in valid if delivery.kind != "faulty"]
    worker = rig.worker(**SETTINGS, postgres_dsn=postgres_network.endpoint)
    rig.until_working(worker)

    strike(rig, postgres_network, worker, "lost_commits", facts[:800])
    assert rig.rows(DUPLICATES) == [], "a commit that never arrived is done again, and is the first then"
    strike(rig, postgres_network, worker, "unanswered_commits", facts[800:])
    duplicates = dict(rig.rows(DUPLICATES))
    assert duplicates.keys() == {"event_seen"}, "a commit that took effect is found to be done"
    strike(rig, postgres_network, worker, "unanswered_commits", faulty)
    assert worker.stop() == 0, worker.log()

    asyncio.run(assert_books_are_right(rig.dsn, Told.by(valid)))
    assert worker.figures()["received"] == len(valid), "each message was received once"
    assert worker.figures()["failures"].keys() == {"store_unavailable"}
    assert rig.attempts() == []
    listed = rig.rows("SELECT body FROM dead_letters WHERE message_id NOT LIKE 'parked:%'")
    letters = {letter["Body"].encode() for letter in rig.dead_letters()}
    assert letters == {bytes(row["body"]) for row in listed}, "what was quarantined amid it was sent too"
    assert len(letters) > SHOTS


def test_connections_that_are_cut_torn_and_refused_cost_time_only(
    rig: Rig, postgres_network: Proxied, queue_network: Proxied
) -> None:
    deliveries = list(Workload(102, Mix(duplicates=0.1, late=0.2, faulty=0.0)).deliveries(2_000))
    worker = rig.worker(
        **SETTINGS,
        postgres_dsn=postgres_network.endpoint,
        queue_endpoint_url=queue_network.endpoint,
        queue_visibility_timeout_s=3,
    )
    rig.until_working(worker)
    strike(rig, postgres_network, worker, "torn_replies", deliveries[:500])
    rig.send(delivery.body for delivery in deliveries[500:1_000])
    for network in (postgres_network, queue_network):
        network.proxy.cut()
    postgres_network.proxy.turn(Switches(refusing=True))
    postgres_network.proxy.cut()
    rig.send(delivery.body for delivery in deliveries[1_000:1_500])
    eventually(lambda: "Connection refused" in worker.log(), "connections are refused", worker)
    postgres_network.proxy.turn(Switches())
    strike(rig, queue_network, worker, "torn_replies", deliveries[1_500:])
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    assert rig.attempts() == []
    assert rig.dead_letters() == []
