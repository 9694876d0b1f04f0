from __future__ import annotations

import pytest
from payflow.rules import Rule, Severity, compile_rules, seeds


def seeded() -> list[Rule]:
    return [
        Rule(rule_id=number, name=seed.name, version=1, severity=seed.severity, condition=seed.condition)
        for number, seed in enumerate(seeds(), start=1)
    ]


def test_each_seed_compiles_and_tells_what_its_alert_means() -> None:
    assert compile_rules(seeded()).names() == [seed.name for seed in seeds()]
    assert all(seed.description.endswith(".") and seed.condition for seed in seeds())


def test_what_may_cost_money_is_critical() -> None:
    critical = {seed.name for seed in seeds() if seed.severity is Severity.CRITICAL}
    assert critical == {"over_returned", "conflict", "impossible", "orphaned", "dispute_escalated"}


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        ({"verdict": "conflict"}, ["conflict"]),
        ({"verdict": "impossible"}, ["impossible"]),
        ({"verdict": "orphaned"}, ["orphaned"]),
        ({"verdict": "apply", "event": {"type": "dispute.opened"}}, ["dispute_opened"]),
        (
            {
                "verdict": "apply",
                "event": {
                    "type": "sale.succeeded",
                    "currency": "KWD",
                    "exponent": 3,
                    "amount_minor": 4_000_000,
                },
            },
            ["high_value"],
        ),
        ({"verdict": "apply", "payment": {"over_returned_minor": 1}}, ["over_returned"]),
        ({"verdict": "apply", "event": {"type": "capture.succeeded"}}, []),
    ],
)
def test_a_seed_matches_what_it_is_for(facts: dict[str, object], names: list[str]) -> None:
    assert compile_rules(seeded()).try_facts(facts) == names
