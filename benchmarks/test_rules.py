"""What do the seeded rules cost an event, all of them evaluated on event and payment?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow import _native
from payflow.rules import Rule, compile_rules, seeds

from benchmarks.test_lifecycle import fresh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payflow.decoding import Decoded

    from benchmarks.conftest import PerEvent


def seeded_rules() -> _native.RuleSet:
    """Compile the rules that every database starts with."""
    return compile_rules(
        [
            Rule(rule_id=number, name=seed.name, version=1, severity=seed.severity, condition=seed.condition)
            for number, seed in enumerate(seeds(), start=1)
        ]
    )


def test_rules_evaluate(per_event: PerEvent, decoded: Iterator[Decoded], policies: _native.Policies) -> None:
    """Evaluate every seeded rule on every event of a judged batch."""
    rules = seeded_rules()

    def judged() -> tuple[_native.RuleSet, _native.Verdicts]:
        events, payments = fresh(next(decoded))
        return rules, _native.apply(events, payments, policies)

    per_event.measure(_native.evaluate, judged, rounds=300)
