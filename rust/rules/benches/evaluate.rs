//! How long the rules stage takes for one event, over the seeded rules and a mix of deliveries.
//!
//! `cargo bench -p payflow-rules`

use std::hint::black_box;
use std::time::Instant;

use payflow_rules::{Caps, EventFacts, Facts, PaymentFacts, RuleSet, RuleSource, Severity};

const ROUNDS: usize = 2_000_000;

fn seeds() -> RuleSet {
    let text = include_str!("../../../python/payflow/rules/seeds.toml");
    let table: toml::Table = text.parse().expect("seeds.toml is TOML");
    let rules = table["rule"].as_array().expect("rules are a list");
    let sources = rules.iter().enumerate().map(|(index, rule)| RuleSource {
        rule_id: index as i64,
        name: rule["name"].as_str().expect("a name").to_owned(),
        version: 1,
        severity: Severity::Info,
        condition: rule["condition"].as_str().expect("a condition").to_owned(),
    });
    RuleSet::compile(sources.collect(), &Caps::default()).expect("the seeded rules compile")
}

fn facts<'a>(type_: &'a str, verdict: &'a str, amount_minor: i64) -> Facts<'a> {
    let payment = PaymentFacts {
        merchant_id: "m_00042",
        currency: "EUR",
        exponent: 2,
        authorized_minor: 20_000,
        captured_minor: 15_000,
        refunded_minor: 5_000,
        status: "partially_refunded",
        dispute_status: "none",
        version: 3,
        ..PaymentFacts::default()
    };
    Facts {
        event: EventFacts {
            id: "evt_01JD3Z5M6Q",
            source: "adyen",
            type_,
            payment_id: "pay_01JD3Z0K2A",
            operation_id: "8836542198765432",
            merchant_id: "m_00042",
            amount_minor: Some(amount_minor),
            currency: Some("EUR"),
            exponent: Some(2),
            occurred_at_us: 1_795_000_000_000_000,
            ..EventFacts::default()
        },
        before: Some(payment),
        payment,
        verdict,
        reason: "applied",
    }
}

fn main() {
    let set = seeds();
    let mixes: [(&str, Vec<Facts<'_>>); 5] = [
        (
            "mixed histories",
            vec![
                facts("authorization.succeeded", "apply", 12_345),
                facts("capture.succeeded", "apply", 12_345),
                facts("capture.succeeded", "duplicate", 12_345),
                facts("sale.succeeded", "apply", 4_200),
                facts("authorization.pending", "apply", 4_200),
                facts("refund.pending", "apply", 4_200),
                facts("refund.succeeded", "apply", 4_200),
                facts("capture.succeeded", "premature", 12_345),
                facts("authorization.succeeded", "apply", 2_000_000),
                facts("dispute.opened", "apply", 4_200),
            ],
        ),
        ("capture.succeeded, nothing matches", vec![facts("capture.succeeded", "apply", 12_345)]),
        ("refund.succeeded, one rule is evaluated", vec![facts("refund.succeeded", "apply", 12_345)]),
        (
            "authorization.succeeded above the limit",
            vec![facts("authorization.succeeded", "apply", 2_000_000)],
        ),
        ("dispute.opened, one hit", vec![facts("dispute.opened", "apply", 12_345)]),
    ];
    println!("{} seeded rules, {ROUNDS} events each", set.len());
    let mut hits = Vec::with_capacity(16);
    for (name, mix) in &mixes {
        let started = Instant::now();
        let mut total = 0;
        for facts in mix.iter().cycle().take(ROUNDS) {
            hits.clear();
            set.evaluate(black_box(facts), &mut hits);
            total += hits.len();
        }
        let ns = started.elapsed().as_nanos() as f64 / ROUNDS as f64;
        println!("{name:45} {ns:8.1} ns/event  {:.3} hits/event", total as f64 / ROUNDS as f64);
    }
}
