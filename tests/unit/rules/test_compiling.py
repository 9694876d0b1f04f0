from __future__ import annotations

from dataclasses import replace

import pytest
from payflow.rules import Rule, RuleError, RulesRefused, Severity, compile_rules, validate

REFUND = Rule(
    rule_id=7,
    name="refund",
    version=3,
    severity=Severity.HIGH,
    condition='event.type == "refund.succeeded" && event.amount_minor >= 500',
)


def test_a_set_matches_by_the_names_of_its_rules_in_their_order() -> None:
    stale = replace(REFUND, name="stale", condition='verdict == "stale"')
    rules = compile_rules([stale, REFUND])
    event = {"type": "refund.succeeded", "amount_minor": 500}
    assert (len(rules), rules.names()) == (2, ["stale", "refund"])
    assert rules.try_facts({"event": event, "verdict": "stale"}) == ["stale", "refund"]
    assert rules.try_facts({"event": event | {"amount_minor": 499}, "verdict": "apply"}) == []


def test_facts_that_are_left_out_read_as_empty_text_and_zero() -> None:
    condition = (
        'event.reason == "" && event.amount_minor == 0 && before.status == "" && payment.version == 0'
        ' && verdict == "" && reason == "" && event.occurred_at == timestamp("1970-01-01T00:00:00Z")'
    )
    rules = compile_rules([replace(REFUND, condition=condition)])
    assert rules.try_facts({}) == ["refund"]
    assert rules.try_facts({"before": None, "event": {"reason": None}}) == ["refund"]


def test_a_condition_sees_the_payment_before_and_after() -> None:
    rules = compile_rules([replace(REFUND, condition="payment.refunded_minor > before.refunded_minor")])
    assert rules.try_facts({"payment": {"refunded_minor": 2}, "before": {"refunded_minor": 1}}) == ["refund"]
    assert rules.try_facts({"payment": {"refunded_minor": 1}, "before": {"refunded_minor": 1}}) == []


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"evnt": {}}, r"facts\.evnt: no such field; there are event, before, payment, verdict, reason"),
        ({"event": {"amount": 1}}, r"event\.amount: no such field"),
        ({"event": {"amount_minor": "1"}}, r"event\.amount_minor: has to be an integer of 64 bits"),
        ({"payment": {"captured_minor": 2**63}}, r"payment\.captured_minor: has to be an integer of 64 bits"),
        ({"payment": {"status": 1}}, r"payment\.status: has to be text"),
        ({"event": {"exponent": 300}}, "exponent: has to be 0 to 4"),
    ],
)
def test_facts_that_no_condition_could_see_are_refused(facts: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compile_rules([REFUND]).try_facts(facts)


def test_everything_that_is_wrong_is_said_at_once_with_its_place() -> None:
    wrong_field = replace(REFUND, name="a", condition="event.amout > 5")
    wrong_type = replace(REFUND, name="b", condition='event.id == "x"\n && event.amount_minor')
    with pytest.raises(RulesRefused) as refused:
        compile_rules([wrong_field, REFUND, wrong_type])
    places = [(error.rule, error.line, error.column) for error in refused.value.errors]
    assert places == [("a", 1, 7), ("b", 2, 2)]
    assert "event.amout: no such field; event has id, source" in str(refused.value)


def test_validate_lists_what_is_wrong_with_a_condition() -> None:
    assert validate(REFUND.condition) == []
    message = "condition: of type int, and has to be bool; compare it with a value"
    assert validate("event.amount_minor") == [RuleError("condition", 1, 7, message)]
    assert [error.line for error in validate("")] == [1]


def test_failed_evaluations_do_not_match_and_are_counted_by_rule() -> None:
    division = replace(REFUND, name="division", condition="event.amount_minor / payment.version > 0")
    rules = compile_rules([division, REFUND])
    assert rules.try_facts({"event": {"amount_minor": 1}}) == []
    assert rules.evaluation_errors() == {"division": 1, "refund": 0}
