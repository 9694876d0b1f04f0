"""The demo's provider answers commands with facts that the machine takes as their answers."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.workload import answers

from tests.unit.lifecycle.batches import Run

DECODER = Decoder(Sources.load(), lambda: datetime(2027, 1, 1, tzinfo=UTC))
GIVEN = {
    "capture": ["authorization.succeeded a1", "capture.requested"],
    "void": ["authorization.succeeded a1", "release.requested"],
    "refund": ["authorization.succeeded a1", "capture.succeeded c1", "refund.requested"],
    "cancel": ["authorization.pending a1", "cancellation.requested"],
}


def command(name: str, number: int = 0) -> dict[str, Any]:
    """A command as its adapter gets it."""
    return {
        "command_id": f"cmd_{number}",
        "command": name,
        "source": "stripe",
        "payment_id": "p1",
        "operation_id": f"op_{number}",
        "merchant_id": "m_1",
        "correlation_id": "c",
        "requested_at": "2026-11-22T10:00:00.123456Z",
        "currency": "EUR",
        "exponent": 2,
        "acts_on": [{"operation_id": "c1" if name == "refund" else "a1", "amount_minor": 100}],
        **({} if name == "cancel" else {"amount": {"value": 100, "currency": "EUR", "exponent": 2}}),
    }


def told(number: int, text: str) -> dict[str, Any]:
    """A fact about the payment; without an id it is about the command's operation."""
    kind, _, operation_id = text.partition(" ")
    return {
        "event_id": f"{kind}-{number}",
        "source": "stripe",
        "type": kind,
        "payment_id": "p1",
        "operation_id": operation_id or f"op_{number}",
        "merchant_id": "m_1",
        "occurred_at": "2026-11-22T10:00:00Z",
        **({} if kind.startswith("cancel") else {"amount": {"value": 100, "currency": "EUR", "exponent": 2}}),
    }


@pytest.mark.parametrize("name", GIVEN)
def test_every_answer_applies_to_the_operation_that_the_command_holds(name: str) -> None:
    for number in range(40):
        run = Run()
        run.batch([told(number, text) for text in GIVEN[name]])
        facts = [answer.fact for answer in answers(command(name, number), 7)]
        run.batch(facts)
        answered = run.delivered[len(GIVEN[name]) :]
        assert {seen.verdict for seen in answered} <= {"apply"}, answered
        assert run.parked() == {}


@pytest.mark.parametrize("name", GIVEN)
def test_answers_are_events_of_the_wire(name: str) -> None:
    bodies = [orjson.dumps(answer.fact) for answer in answers(command(name), 7)]
    assert DECODER.decode(bodies).malformed == []


def test_a_command_that_comes_twice_gets_the_same_answers() -> None:
    assert answers(command("refund"), 7) == answers(command("refund"), 7)


def test_most_commands_succeed_some_fail_and_few_are_never_answered() -> None:
    ends = Counter(
        given[-1].fact["type"] if (given := answers(command("refund", number), 7)) else "silence"
        for number in range(2_000)
    )
    assert ends["refund.succeeded"] > 1_600
    assert ends["refund.failed"] > 80
    assert 0 < ends["silence"] < 80
