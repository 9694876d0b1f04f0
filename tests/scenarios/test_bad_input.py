"""What can never be applied is dead-lettered with its reason; what came with it is applied all the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from payflow.decoding.malformed import Reason
from payflow.workload import Mix, Workload
from payflow.workload.malformed import MALFORMED

from tests.scenarios.books import Told, assert_books_are_right, assert_books_follow_from_trail
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from tests.scenarios.rig import Rig

VALID = Mix(duplicates=0.0, late=0.1, faulty=0.0)
REFUSED_BY_SQS = frozenset({"not_utf8"})
"""SQS carries text only: such a body never gets into a queue."""


def test_every_kind_of_malformed_message_is_dead_lettered_with_path_and_rule(rig: Rig) -> None:
    kinds = sorted(MALFORMED.keys() - REFUSED_BY_SQS)
    spoiled = list(Workload(51, VALID).histories(len(kinds), "sale"))
    bodies = {MALFORMED[kind](history.facts[0]): kind for kind, history in zip(kinds, spoiled, strict=True)}
    neighbours = list(Workload(52, VALID).deliveries(200))
    rig.send([*bodies, *(delivery.body for delivery in neighbours)])
    # One lane and large batches: bad and good messages share theirs.
    worker = rig.worker(queue_lanes=1, queue_batch_size_max=500, queue_batch_age_max_ms=500)
    rig.drain(worker)
    told = Told.by(neighbours)
    told.malformed = list(bodies)
    asyncio.run(assert_books_are_right(rig.dsn, told))

    rows = {bytes(row["body"]): row for row in rig.rows("SELECT * FROM dead_letters")}
    letters = {letter["Body"].encode(): letter for letter in rig.dead_letters()}
    assert {bodies[body] for body in rows} == set(kinds)
    assert {bodies[body] for body in letters} == set(kinds)
    for body, kind in bodies.items():
        row = rows[body]
        assert (row["class"], row["path"][:1]) == ("malformed", "$"), kind
        assert row["reason"] in set(Reason), kind
        assert len(row["rule"]) > len("must be"), kind
        attributes = attributes_of(letters[body])
        if not attributes:
            assert kind == "junk", f"{kind}: only a message that fills SQS's limit has no room for attributes"
            continue
        assert attributes["payflow_class"] == "malformed"
        assert attributes["payflow_path"] == row["path"]
        assert attributes["payflow_reason"] == row["rule"][:512]
        assert attributes["payflow_message_id"] == row["message_id"]


def test_a_malformed_message_that_comes_again_is_listed_once(rig: Rig) -> None:
    [history] = Workload(53, VALID).histories(1, "sale")
    rig.faults(seed=1, duplicate=1.0)
    rig.send([MALFORMED["amount_zero"](history.facts[0])])
    rig.drain(rig.worker())
    assert len(rig.rows("SELECT FROM dead_letters")) == 1


def test_poison_that_the_database_refuses_waits_alone_and_its_neighbours_are_committed(rig: Rig) -> None:
    deliveries = list(Workload(54, VALID).deliveries(300))
    poisoned = deliveries[150].payment_id
    rig.rows(f"ALTER TABLE payment_transactions ADD CONSTRAINT poison CHECK (payment_id <> '{poisoned}')")
    ours = [delivery for delivery in deliveries if delivery.payment_id == poisoned]
    others = [delivery for delivery in deliveries if delivery.payment_id != poisoned]
    rig.send(delivery.body for delivery in deliveries)
    worker = rig.worker(queue_batch_size_max=500, queue_batch_age_max_ms=500)
    eventually(lambda: committed(rig) == len(others), "all neighbours are committed", worker)
    eventually(lambda: worker.alive and rig.depth() == len(ours), "the poison waits in the queue", worker)
    asyncio.run(assert_books_follow_from_trail(rig.dsn))
    # What the database refused was never lost: once it is cured, it goes through.
    rig.rows("ALTER TABLE payment_transactions DROP CONSTRAINT poison")
    rig.drain(worker)
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    figures = worker.figures()
    assert figures["splits"] > 0
    assert figures["failures"].keys() == {"store_refused"}


def test_poison_that_is_never_cured_ends_in_the_dead_letter_queue(rig: Rig) -> None:
    deliveries = list(Workload(55, VALID).deliveries(100))
    poisoned = deliveries[50].payment_id
    rig.rows(f"ALTER TABLE payment_transactions ADD CONSTRAINT poison CHECK (payment_id <> '{poisoned}')")
    ours = [delivery for delivery in deliveries if delivery.payment_id == poisoned]
    rig.redrive_after(receives=3)
    rig.send(delivery.body for delivery in deliveries)
    worker = rig.worker()
    # While it waits for its next attempt it may be in the database, and in no queue.
    eventually(lambda: len(listed(rig)) == len(ours), "it is listed after its last attempt", worker)
    rig.drain(worker)
    bodies = sorted(delivery.body for delivery in ours)
    assert sorted(listed(rig)) == bodies
    assert sorted(letter["Body"].encode() for letter in rig.dead_letters()) == bodies
    others = [delivery for delivery in deliveries if delivery.payment_id != poisoned]
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(others), exhausted=True))


def listed(rig: Rig) -> list[bytes]:
    rows = rig.rows("SELECT body FROM dead_letters WHERE class = 'exhausted'")
    return [bytes(row["body"]) for row in rows]


def committed(rig: Rig) -> int:
    return int(rig.rows("SELECT count(*) FROM audit_logs WHERE occurrence = 0")[0][0])


def attributes_of(letter: dict[str, Any]) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in letter.get("MessageAttributes", {}).items()}
