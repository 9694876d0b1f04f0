//! What conditions see and when they match.

use payflow_rules::{Caps, EventFacts, Facts, Hit, PaymentFacts, RuleSet, RuleSource, Severity};

fn compile(conditions: &[&str]) -> RuleSet {
    let rules = conditions.iter().enumerate().map(|(index, condition)| RuleSource {
        rule_id: 100 + index as i64,
        name: format!("rule_{index}"),
        version: 1,
        severity: Severity::Warning,
        condition: (*condition).to_owned(),
    });
    RuleSet::compile(rules.collect(), &Caps::default()).expect("compiles")
}

fn hits(set: &RuleSet, facts: &Facts<'_>) -> Vec<usize> {
    let mut hits = Vec::new();
    set.evaluate(facts, &mut hits);
    hits.into_iter().map(|hit| hit.rule_index).collect()
}

fn matches(condition: &str, facts: &Facts<'_>) -> bool {
    hits(&compile(&[condition]), facts) == [0]
}

fn refund() -> Facts<'static> {
    let before = PaymentFacts {
        captured_minor: 10_000,
        refunded_minor: 1_000,
        status: "captured",
        ..PaymentFacts::default()
    };
    Facts {
        event: EventFacts {
            id: "evt_1",
            type_: "refund.succeeded",
            amount_minor: Some(7_500),
            currency: Some("EUR"),
            exponent: Some(2),
            occurred_at_us: 1_795_341_600_123_456,
            ..EventFacts::default()
        },
        before: Some(before),
        payment: PaymentFacts { refunded_minor: 8_500, status: "partially_refunded", ..before },
        verdict: "apply",
        reason: "applied",
    }
}

#[test]
fn a_condition_compares_the_payment_before_and_after() {
    assert!(matches("payment.refunded_minor - before.refunded_minor == event.amount_minor", &refund()));
    assert!(matches("before.status == \"captured\" && payment.status == \"partially_refunded\"", &refund()));
    assert!(matches("payment.refunded_minor * 100 > payment.captured_minor * 80", &refund()));
    assert!(!matches("before.refunded_minor * 100 > before.captured_minor * 80", &refund()));
}

#[test]
fn what_an_event_does_not_carry_reads_as_empty_text_or_zero() {
    let facts = Facts::default();
    for field in ["parent_id", "currency", "reason", "dispute_stage", "dispute_status"] {
        assert!(matches(&format!("event.{field} == \"\""), &facts), "{field}");
    }
    assert!(matches("event.amount_minor == 0 && event.exponent == 0", &facts));
}

#[test]
fn a_payment_that_did_not_exist_reads_as_zeroes_before() {
    let facts = Facts { before: None, ..refund() };
    assert!(matches("before.status == \"\" && before.version == 0 && before.refunded_minor == 0", &facts));
}

#[test]
fn time_is_a_timestamp_in_utc() {
    let facts = refund();
    assert!(matches("event.occurred_at == timestamp(\"2026-11-22T10:00:00.123456Z\")", &facts));
    assert!(matches("event.occurred_at.getHours() == 10 && event.occurred_at.getDayOfWeek() == 0", &facts));
    assert!(matches("event.occurred_at - timestamp(\"2026-11-22T00:00:00Z\") > duration(\"9h59m\")", &facts));
    assert!(matches("(event.occurred_at - timestamp(\"2026-11-20T09:00:00Z\")).getHours() == 49", &facts));
}

#[test]
fn text_functions_look_into_fields() {
    assert!(matches("event.id.startsWith(\"evt_\") && event.type.endsWith(\".succeeded\")", &refund()));
    assert!(matches(
        "event.type.contains(\"fund\") && size(event.id) == 5 && event.id.size() == 5",
        &refund()
    ));
}

#[test]
fn an_evaluation_that_fails_does_not_match_and_is_counted() {
    let set = compile(&[
        "event.amount_minor / payment.released_minor > 0",
        "payment.authorized_minor * 9000000000000000000 > 0",
        "event.id == \"evt_1\"",
    ]);
    let mut facts = refund();
    facts.payment.authorized_minor = 2;
    assert_eq!(hits(&set, &facts), [2]);
    assert_eq!(hits(&set, &facts), [2]);
    assert_eq!(set.errors_total(), [2, 2, 0]);
}

#[test]
fn a_failing_part_does_not_hide_a_part_that_decides() {
    assert!(matches("event.amount_minor / payment.released_minor > 0 || verdict == \"apply\"", &refund()));
    let set = compile(&["event.amount_minor / payment.released_minor > 0 && verdict == \"stale\""]);
    assert_eq!((hits(&set, &refund()), set.errors_total()), (vec![], vec![0]));
}

#[test]
fn hits_are_appended_in_the_order_of_the_rules_across_more_than_64_of_them() {
    let conditions: Vec<String> = (0..150)
        .map(|index| match index % 3 {
            0 => format!("event.amount_minor >= {}", index * 100),
            1 => "verdict == \"stale\"".to_owned(),
            _ => "verdict in [\"apply\", \"stale\"] && event.currency == \"EUR\"".to_owned(),
        })
        .collect();
    let set = compile(&conditions.iter().map(String::as_str).collect::<Vec<_>>());
    let expected: Vec<usize> =
        (0..150).filter(|index| (index % 3 == 0 && *index <= 75) || index % 3 == 2).collect();
    assert_eq!(hits(&set, &refund()), expected);

    let mut kept = vec![Hit { rule_index: 999 }];
    set.evaluate(&refund(), &mut kept);
    assert_eq!((kept[0].rule_index, kept.len()), (999, expected.len() + 1));
}

#[test]
fn a_set_may_be_empty() {
    let set = compile(&[]);
    assert!(set.is_empty() && hits(&set, &refund()).is_empty());
}

#[test]
fn a_hit_leads_to_the_rule_as_it_was_given() {
    let set = compile(&["verdict == \"stale\"", "verdict == \"apply\""]);
    let rule = set.rule(hits(&set, &refund())[0]);
    assert_eq!((rule.rule_id, rule.name.as_str(), rule.severity), (101, "rule_1", Severity::Warning));
}

#[test]
fn lanes_evaluate_one_set_at_once() {
    let set = compile(&["event.amount_minor / payment.released_minor > 0"]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..100).for_each(|_| assert!(hits(&set, &refund()).is_empty())));
        }
    });
    assert_eq!(set.errors_total(), [400]);
}
