//! The seeded rules: each compiles, matches what it is for and nothing beside it.

use payflow_rules::{Caps, EventFacts, Facts, PaymentFacts, RuleSet, RuleSource};

fn seeds() -> RuleSet {
    let table: toml::Table =
        include_str!("../../../python/payflow/rules/seeds.toml").parse().expect("seeds.toml is TOML");
    let text = |rule: &toml::Value, key: &str| rule[key].as_str().expect(key).to_owned();
    let rules = table["rule"].as_array().expect("a list of rules").iter().map(|rule| RuleSource {
        rule_id: 0,
        name: text(rule, "name"),
        version: 1,
        severity: text(rule, "severity").parse().expect("a severity"),
        condition: text(rule, "condition"),
    });
    RuleSet::compile(rules.collect(), &Caps::default()).expect("the seeded rules compile")
}

fn payment(captured_minor: i64, refunded_minor: i64) -> PaymentFacts<'static> {
    PaymentFacts {
        currency: "EUR",
        exponent: 2,
        authorized_minor: captured_minor,
        captured_minor,
        refunded_minor,
        status: "captured",
        dispute_status: "none",
        ..PaymentFacts::default()
    }
}

fn money<'a>(type_: &'a str, amount_minor: i64, currency: &'a str, exponent: u8) -> EventFacts<'a> {
    EventFacts {
        type_,
        amount_minor: Some(amount_minor),
        currency: Some(currency),
        exponent: Some(exponent),
        ..EventFacts::default()
    }
}

fn applied<'a>(event: EventFacts<'a>, before: PaymentFacts<'a>, payment: PaymentFacts<'a>) -> Facts<'a> {
    Facts { event, before: Some(before), payment, verdict: "apply", reason: "applied" }
}

#[track_caller]
fn assert_matches(facts: &Facts<'_>, expected: &[&str]) {
    let set = seeds();
    let mut hits = Vec::new();
    set.evaluate(facts, &mut hits);
    let names: Vec<&str> = hits.iter().map(|hit| set.rule(hit.rule_index).name.as_str()).collect();
    assert_eq!(names, expected);
    assert!(set.errors_total().iter().all(|&failed| failed == 0));
}

#[test]
fn high_value_knows_each_currency_and_its_exponent() {
    let table = [
        ("EUR", 2, 1_000_000, true),
        ("EUR", 2, 999_999, false),
        ("SEK", 2, 10_000_000, true),
        ("SEK", 2, 1_000_000, false),
        ("JPY", 0, 1_500_000, true),
        ("JPY", 0, 1_000_000, false),
        ("KWD", 3, 4_000_000, true),
        ("KWD", 3, 1_000_000, false),
        ("XTS", 2, 999_999_999, false),
    ];
    for (currency, exponent, amount_minor, expected) in table {
        for type_ in ["authorization.succeeded", "sale.succeeded"] {
            let facts = applied(money(type_, amount_minor, currency, exponent), payment(0, 0), payment(0, 0));
            assert_matches(&facts, if expected { &["high_value"] } else { &[] });
            assert_matches(&Facts { before: None, verdict: "duplicate", ..facts }, &[]);
        }
    }
}

#[test]
fn a_refund_alerts_once_when_it_crosses_the_share() {
    let refund = money("refund.succeeded", 500, "EUR", 2);
    assert_matches(&applied(refund, payment(1_000, 300), payment(1_000, 800)), &[]);
    assert_matches(&applied(refund, payment(1_000, 301), payment(1_000, 801)), &["refund_above_share"]);
    assert_matches(&applied(refund, payment(1_000, 801), payment(1_000, 1_000)), &[]);
    let largest = 9_007_199_254_740_991;
    assert_matches(&applied(refund, payment(largest, 0), payment(largest, largest)), &["refund_above_share"]);
}

#[test]
fn a_refund_of_disputed_money_alerts_beside_over_returned() {
    let disputed = |refunded, over_returned_minor| PaymentFacts {
        disputed_minor: 1_000,
        over_returned_minor,
        ..payment(1_000, refunded)
    };
    let facts = applied(money("refund.succeeded", 500, "EUR", 2), disputed(0, 0), disputed(500, 500));
    assert_matches(&facts, &["refund_while_disputed", "over_returned"]);
}

#[test]
fn over_returned_alerts_only_when_it_grows() {
    let over = |over_returned_minor| PaymentFacts { over_returned_minor, ..payment(1_000, 0) };
    let event = money("dispute.funds_withdrawn", 500, "EUR", 2);
    assert_matches(&applied(event, over(0), over(500)), &["over_returned"]);
    assert_matches(&applied(event, over(500), over(500)), &[]);
    assert_matches(&applied(event, over(500), over(100)), &[]);
}

#[test]
fn a_reversal_alerts_only_after_a_success() {
    let capture = money("capture.failed", 1_000, "EUR", 2);
    assert_matches(&applied(capture, payment(1_000, 0), payment(0, 0)), &["success_reversed"]);
    assert_matches(&applied(capture, payment(0, 0), payment(0, 0)), &[]);
    let refund = money("refund.failed", 300, "EUR", 2);
    assert_matches(&applied(refund, payment(1_000, 300), payment(1_000, 0)), &["success_reversed"]);
}

#[test]
fn a_failed_authorization_that_succeeds_late_alerts() {
    let failed = PaymentFacts { status: "failed", ..payment(0, 0) };
    let event = money("authorization.succeeded", 100, "EUR", 2);
    assert_matches(&applied(event, failed, payment(0, 0)), &["late_authorization"]);
    assert_matches(&applied(event, payment(0, 0), payment(0, 0)), &[]);
}

#[test]
fn a_dispute_alerts_when_it_opens_escalates_and_is_lost() {
    let with = |dispute_status| PaymentFacts { dispute_status, ..payment(1_000, 0) };
    let event = |type_, stage, status| EventFacts {
        type_,
        dispute_stage: Some(stage),
        dispute_status: Some(status),
        ..EventFacts::default()
    };
    let opened = event("dispute.opened", "chargeback", "opened");
    assert_matches(&applied(opened, with("none"), with("open")), &["dispute_opened"]);
    let escalated = event("dispute.updated", "arbitration", "opened");
    assert_matches(&applied(escalated, with("open"), with("open")), &["dispute_escalated"]);
    let lost = event("dispute.closed", "chargeback", "lost");
    assert_matches(&applied(lost, with("open"), with("lost")), &["dispute_lost"]);
    assert_matches(&applied(lost, with("lost"), with("lost")), &[]);
}

#[test]
fn quarantined_deliveries_alert_whatever_their_type() {
    for verdict in ["conflict", "impossible"] {
        let facts = Facts { event: money("refund.succeeded", 1, "EUR", 2), verdict, ..Facts::default() };
        assert_matches(&facts, &[verdict]);
    }
}
