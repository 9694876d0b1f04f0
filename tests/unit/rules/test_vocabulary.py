"""Rules know every word that events and payments use: a rule that names one compiles."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from payflow.events import DisputeStage, DisputeStatus, EventType
from payflow.rules import validate

ROOT = Path(__file__).parents[3]


def slugs(enum: str, file: str) -> list[str]:
    """The names of an enum of the payment machine, from its source."""
    text = (ROOT / "rust/lifecycle/src" / file).read_text("utf-8")
    table = re.search(rf"slugs!\({enum} \{{(.*?)\}}\);", text, flags=re.DOTALL)
    assert table is not None
    return re.findall(r'=> "([^"]+)"', table[1])


WORDS = [
    *[("event.type", word) for word in get_args(EventType)],
    *[("event.dispute_stage", word) for word in get_args(DisputeStage)],
    *[("event.dispute_status", word) for word in get_args(DisputeStatus)],
    *[("payment.status", word) for word in slugs("Status", "payment.rs")],
    *[("payment.dispute_status", word) for word in slugs("DisputeState", "payment.rs")],
    *[("verdict", word) for word in slugs("Verdict", "verdict.rs")],
]


@pytest.mark.parametrize(("field", "word"), WORDS)
def test_a_rule_may_name_every_word_that_its_field_can_hold(field: str, word: str) -> None:
    assert validate(f'{field} == "{word}"') == []


@pytest.mark.parametrize("field", sorted({field for field, _ in WORDS}))
def test_a_word_that_a_field_never_holds_is_refused(field: str) -> None:
    assert validate(f'{field} == "no_such_word"') != []
