"""What the workload does wrong on purpose is wrong, each in the way that its name says."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import orjson
import pytest
from payflow.workload import DEMO_MIX, Mix, Workload, write_jsonl
from payflow.workload.faulty import FAULTS
from payflow.workload.histories import Historian
from payflow.workload.malformed import MALFORMED, REQUIRED_FIELDS, SENDABLE
from payflow.workload.stories import STORIES

if TYPE_CHECKING:
    from pathlib import Path

    from payflow.workload import History
    from payflow.workload.draft import Fact

NOW_MS = 1_795_341_600_000


def contradict(fault: str, story: str) -> tuple[Fact, History]:
    """Return a faulty fact and the history that it contradicts."""
    historian = Historian(Random(99), Mix())  # noqa: S311 - test data, not secrets
    history = next(Workload(1).histories(1, story))
    return FAULTS[fault](historian, history, NOW_MS), history


every_story = pytest.mark.parametrize("story", STORIES)


@every_story
def test_other_currency_is_one_that_the_source_settles_and_the_payment_has_not(story: str) -> None:
    fact, history = contradict("other_currency", story)
    currency = fact["amount"]["currency"]
    assert currency != history.facts[0]["amount"]["currency"]
    assert fact["amount"]["exponent"] == history.source.exponent(currency)


@every_story
def test_other_payload_reuses_an_event_id_with_another_amount(story: str) -> None:
    fact, history = contradict("other_payload", story)
    original = next(known for known in history.facts if known["event_id"] == fact["event_id"])
    assert fact == {**original, "amount": fact["amount"]}
    assert fact["amount"] != original["amount"]


@every_story
def test_over_capture_is_above_every_amount_of_the_payment(story: str) -> None:
    fact, history = contradict("over_capture", story)
    assert fact["type"] == "capture.succeeded"
    amounts = [known["amount"]["value"] for known in history.facts if "amount" in known]
    assert fact["amount"]["value"] > max(amounts)


@every_story
def test_a_reused_operation_states_another_amount_in_a_new_event(story: str) -> None:
    fact, history = contradict("reused_operation", story)
    reused = [known for known in history.facts if known["operation_id"] == fact["operation_id"]]
    assert all(known["amount"] != fact["amount"] for known in reused if known["type"] == fact["type"])
    assert fact["event_id"] not in {known["event_id"] for known in history.facts}


@every_story
def test_an_orphan_is_about_a_payment_that_nothing_else_tells_of(story: str) -> None:
    fact, history = contradict("orphan", story)
    assert fact["payment_id"] != history.payment_id
    assert fact["type"] == "capture.succeeded"


@pytest.mark.parametrize("story", ["dispute_won", "dispute_lost", "dispute_arbitration", "dispute_of_parts"])
def test_a_closed_dispute_gets_another_end_in_the_same_stage(story: str) -> None:
    fact, history = contradict("other_dispute_end", story)
    closed = next(known for known in history.facts if known["type"] == "dispute.closed")
    assert fact["operation_id"] == closed["operation_id"]
    assert fact["dispute"]["stage"] == closed["dispute"]["stage"]
    assert fact["dispute"]["status"] != closed["dispute"]["status"]


def test_every_kind_of_fault_appears_in_a_stream() -> None:
    mix = Mix(faulty=0.2, duplicates=0.0)
    deliveries = list(Workload(3, mix).deliveries(3_000))
    known = {delivery.event_id for delivery in deliveries if delivery.kind == "fact"}
    payments = {delivery.payment_id for delivery in deliveries if delivery.kind == "fact"}
    faulty = [delivery for delivery in deliveries if delivery.kind == "faulty"]
    assert any(delivery.event_id in known for delivery in faulty)
    assert any(delivery.payment_id not in payments for delivery in faulty)
    assert any(delivery.event_id not in known and delivery.payment_id in payments for delivery in faulty)


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_message_differs_from_the_event_that_it_was_made_of(case: str) -> None:
    fact = next(Workload(4).histories(1, "sale")).facts[0]
    body = MALFORMED[case](fact)
    assert body
    assert body != orjson.dumps(fact)


@pytest.mark.parametrize("case", SENDABLE)
def test_a_sendable_message_is_text_of_one_line_and_small_enough_for_a_batch_of_ten(case: str) -> None:
    fact = next(Workload(5).histories(1, "sale")).facts[0]
    body = SENDABLE[case](fact)
    assert "\n" not in body.decode()
    assert len(body) <= 64 * 1024


@pytest.mark.parametrize("name", REQUIRED_FIELDS)
def test_a_missing_field_is_missing_and_all_else_is_there(name: str) -> None:
    fact = next(Workload(6).histories(1, "sale")).facts[0]
    body = orjson.loads(SENDABLE[f"missing_{name}"](fact))
    assert body == {key: value for key, value in fact.items() if key != name}


def test_a_jsonl_file_holds_one_body_a_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    write_jsonl(path, 7, 1_000, DEMO_MIX)
    assert path.read_bytes().splitlines() == list(Workload(7, DEMO_MIX).bodies(1_000))
