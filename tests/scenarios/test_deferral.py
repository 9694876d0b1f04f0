"""Failed messages that wait in the database: none is lost wherever a worker dies, and attempts go on."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import pytest
from payflow.workload import Mix, Workload

from tests.scenarios.books import Told, assert_books_are_right
from tests.scenarios.dying_worker import DEFERRAL_STAGES
from tests.scenarios.worker_process import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.workload import Delivery

    from tests.scenarios.rig import Rig
    from tests.scenarios.worker_process import WorkerProcess

PLAIN = Mix(duplicates=0.0, late=0.0, faulty=0.0)
ALL_WAIT_THERE: dict[str, Any] = {
    "budget_share": 0,
    "budget_long_wait_min_s": 0,
    "deferral_interval_s": 0.05,
    "deferral_election_interval_s": 0.05,
}


def poison(rig: Rig, payment_id: str) -> None:
    """Make the database refuse one payment."""
    rig.rows(f"ALTER TABLE payment_transactions ADD CONSTRAINT poison CHECK (payment_id <> '{payment_id}')")


def cure(rig: Rig) -> None:
    rig.rows("ALTER TABLE payment_transactions DROP CONSTRAINT poison")


def deferred(rig: Rig) -> int:
    return int(rig.rows("SELECT count(*) FROM deferred_messages")[0][0])


def drain(rig: Rig, worker: WorkerProcess) -> None:
    """Wait until nothing waits in the database or in the queue; then stop the worker."""
    eventually(lambda: deferred(rig) == 0 and rig.depth() == 0, "nothing waits anywhere", worker)
    assert worker.stop() == 0, worker.log()


def send_known(rig: Rig, deliveries: Sequence[Delivery]) -> dict[str, bytes]:
    """Send deliveries one by one; give the bodies by message id."""
    sent = {}
    for delivery in deliveries:
        answer = rig.sqs.send_message(QueueUrl=rig.queue_url, MessageBody=delivery.body.decode())
        sent[answer["MessageId"]] = delivery.body
    return sent


@pytest.mark.parametrize("stage", DEFERRAL_STAGES)
def test_no_message_is_lost_wherever_a_worker_dies_with_it(rig: Rig, stage: str) -> None:
    deliveries = list(Workload(DEFERRAL_STAGES.index(stage), PLAIN).deliveries(200))
    poison(rig, deliveries[100].payment_id)
    rig.send(delivery.body for delivery in deliveries)
    doomed = rig.worker(die_at=(stage, 2), queue_batch_size_max=20, **ALL_WAIT_THERE)
    assert doomed.wait() == -signal.SIGKILL, doomed.log()
    cure(rig)
    drain(rig, rig.worker(**ALL_WAIT_THERE))
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(deliveries)))
    assert rig.dead_letters() == []


def test_attempts_go_on_counting_and_the_dead_letter_names_the_message_first_sent(rig: Rig) -> None:
    deliveries = list(Workload(21, PLAIN).deliveries(60))
    poisoned = deliveries[30].payment_id
    poison(rig, poisoned)
    sent = send_known(rig, deliveries)
    ours = {name for name, body in sent.items() if poisoned.encode() in body}
    drain(rig, rig.worker(queue_receives_max=3, **ALL_WAIT_THERE))
    rows = rig.rows("SELECT class, reason, message_id, receive_count, rule, body FROM dead_letters")
    assert {row["message_id"] for row in rows} == ours
    for row in rows:
        assert (row["class"], row["reason"], row["receive_count"]) == ("exhausted", "store_refused", 3)
        assert row["rule"].startswith("3 attempts failed")
        assert bytes(row["body"]) == sent[row["message_id"]]
    letters = rig.dead_letters()
    names = {letter["MessageAttributes"]["payflow_message_id"]["StringValue"] for letter in letters}
    assert (names, len(letters)) == (ours, len(ours))


def test_a_message_whose_receives_a_deploy_has_spent_still_has_all_its_attempts(rig: Rig) -> None:
    """The queue's redrive policy counts receives and would end it; the worker's own decision comes first."""
    rig.redrive_after(3)
    deliveries = list(Workload(22, PLAIN).deliveries(30))
    poisoned = deliveries[15].payment_id
    poison(rig, poisoned)
    sent = send_known(rig, deliveries)
    for _ in range(2):
        release(rig, len(deliveries))
    knobs = {name: value for name, value in ALL_WAIT_THERE.items() if not name.startswith("budget")}
    worker = rig.worker(queue_receives_max=3, **knobs)
    drain(rig, worker)
    ours = {name for name, body in sent.items() if poisoned.encode() in body}
    rows = rig.rows("SELECT class, reason, message_id, receive_count, rule FROM dead_letters")
    assert {(row["message_id"], row["reason"]) for row in rows} == {(name, "store_refused") for name in ours}
    for row in rows:
        assert row["rule"].startswith("3 attempts failed")
        assert row["receive_count"] == 5, "two receives were spent without an attempt"
    assert all("payflow_class" in letter["MessageAttributes"] for letter in rig.dead_letters())
    others = [delivery for delivery in deliveries if delivery.payment_id != poisoned]
    asyncio.run(assert_books_are_right(rig.dsn, Told.by(others), exhausted=True))


def release(rig: Rig, messages: int) -> None:
    """Receive every message once and give it back, as a worker does that is stopped."""
    released: set[str] = set()
    while len(released) < messages:
        answer = rig.sqs.receive_message(
            QueueUrl=rig.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=600, WaitTimeSeconds=0
        )
        released |= {message["ReceiptHandle"] for message in answer.get("Messages", [])}
    for receipt in released:
        rig.sqs.change_message_visibility(QueueUrl=rig.queue_url, ReceiptHandle=receipt, VisibilityTimeout=0)
