//! Property tests: the prefilter and the lowering never change what plain CEL says.

use std::collections::HashMap;

use cel::objects::Value;
use cel::{Context, Program};
use chrono::DateTime;
use proptest::prelude::*;
use proptest::sample::select;

use crate::facts::{EventFacts, Facts, PaymentFacts};
use crate::field::{FactValue, Field};
use crate::ruleset::{Hit, RuleSet};
use crate::source::{Caps, RuleSource, Severity};

const TYPES: [&str; 3] = ["capture.succeeded", "refund.succeeded", "dispute.opened"];
const VERDICTS: [&str; 3] = ["apply", "stale", "conflict"];
const CURRENCIES: [&str; 4] = ["", "EUR", "JPY", "KWD"];
const EXTREMES: [i64; 4] =
    [9_007_199_254_740_991, 9_000_000_000_000_000_000, -9_000_000_000_000_000_000, 100];

#[derive(Clone, Debug)]
struct Drawn {
    type_: &'static str,
    verdict: &'static str,
    currency: &'static str,
    amounts: [i64; 4],
    existed: bool,
    occurred_at_us: i64,
}

impl Drawn {
    fn facts(&self) -> Facts<'static> {
        let [amount, captured, refunded, refunded_before] = self.amounts;
        let payment = PaymentFacts {
            currency: self.currency,
            captured_minor: captured,
            refunded_minor: refunded,
            status: "captured",
            dispute_status: "none",
            ..PaymentFacts::default()
        };
        Facts {
            event: EventFacts {
                id: "evt_1",
                type_: self.type_,
                amount_minor: Some(amount),
                currency: Some(self.currency),
                occurred_at_us: self.occurred_at_us,
                ..EventFacts::default()
            },
            before: self.existed.then_some(PaymentFacts { refunded_minor: refunded_before, ..payment }),
            payment,
            verdict: self.verdict,
            reason: "",
        }
    }
}

/// Mostly neighbours, so that bounds are met exactly; now and then what overflows.
fn int() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -1..4_i64, 1 => select(EXTREMES.as_slice())]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let amounts = prop::array::uniform4(int());
    let time = 0..2_000_000_000_000_000_i64;
    (
        select(TYPES.as_slice()),
        select(VERDICTS.as_slice()),
        select(CURRENCIES.as_slice()),
        amounts,
        any::<bool>(),
        time,
    )
        .prop_map(|(type_, verdict, currency, amounts, existed, occurred_at_us)| Drawn {
            type_,
            verdict,
            currency,
            amounts,
            existed,
            occurred_at_us,
        })
}

fn text_comparison() -> impl Strategy<Value = String> {
    let fields: [(&str, &[&str]); 4] = [
        ("event.type", &TYPES),
        ("verdict", &VERDICTS),
        ("event.currency", &CURRENCIES),
        ("before.currency", &CURRENCIES),
    ];
    (select(fields.to_vec()), 0..6_usize, any::<[prop::sample::Index; 2]>()).prop_map(
        |((field, words), shape, picks)| {
            let (one, two) = (picks[0].get(words), picks[1].get(words));
            match shape {
                0 => format!("{field} == \"{one}\""),
                1 => format!("\"{one}\" == {field}"),
                2 => format!("{field} in [\"{one}\", \"{two}\"]"),
                3 => format!("{field} != \"{one}\""),
                4 => format!("{field}.startsWith(\"{one}\")"),
                _ => format!("{field} < \"{one}\""),
            }
        },
    )
}

fn int_comparison() -> impl Strategy<Value = String> {
    let fields =
        ["event.amount_minor", "payment.captured_minor", "payment.refunded_minor", "before.refunded_minor"];
    let operand = (select(fields.to_vec()), select(fields.to_vec()), int(), 0..8_usize).prop_map(
        |(field, other, number, shape)| match shape {
            0 => format!("{field} * ({number})"),
            1 => format!("({field} / {other})"),
            2 => format!("({field} % {other})"),
            3 => format!("({field} - {other})"),
            _ => field.to_owned(),
        },
    );
    let operators = ["==", "!=", "<", "<=", ">", ">="];
    (operand, select(operators.to_vec()), int(), 0..4_usize).prop_map(|(operand, operator, number, shape)| {
        match shape {
            0 => format!("{number} {operator} {operand}"),
            1 => format!("{operand} in [{number}, 1, 100]"),
            _ => format!("{operand} {operator} {number}"),
        }
    })
}

fn time_comparison() -> impl Strategy<Value = String> {
    select(vec![
        "event.occurred_at > timestamp(\"2000-01-01T00:00:00Z\")".to_owned(),
        "event.occurred_at + duration(\"36h\") <= timestamp(\"2020-01-01T00:00:00Z\")".to_owned(),
        "event.occurred_at.getHours() < 12".to_owned(),
    ])
}

fn condition() -> impl Strategy<Value = String> {
    let atom = prop_oneof![4 => text_comparison(), 4 => int_comparison(), 1 => time_comparison()];
    atom.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            3 => (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left} && {right})")),
            3 => (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left} || {right})")),
            1 => inner.clone().prop_map(|one| format!("!({one})")),
            1 => (inner.clone(), inner.clone(), inner)
                .prop_map(|(test, then, otherwise)| format!("({test} ? {then} : {otherwise})")),
        ]
    })
}

/// What the `cel` crate says of the condition as written, over ordinary maps.
fn plain_cel_matches(program: &Program, facts: &Facts<'_>) -> bool {
    let value = |field: Field| match field.read(facts) {
        FactValue::Text(text) => Value::from(text),
        FactValue::Int(number) => Value::Int(number),
        FactValue::Time(us) => {
            Value::Timestamp(DateTime::from_timestamp_micros(us).unwrap_or_default().fixed_offset())
        }
    };
    let mut context = Context::default();
    for variable in ["event", "payment", "before"] {
        let fields = (0..).map_while(|index| Field::nth(variable, index));
        let map: HashMap<String, Value> = fields
            .map(|field| (field.path().split('.').next_back().unwrap_or_default().to_owned(), value(field)))
            .collect();
        context.add_variable_from_value(variable, map);
    }
    context.add_variable_from_value("verdict", facts.verdict);
    context.add_variable_from_value("reason", facts.reason);
    program.execute(&context) == Ok(Value::Bool(true))
}

fn rule(index: usize, condition: &str) -> RuleSource {
    RuleSource {
        rule_id: index as i64,
        name: format!("rule_{index}"),
        version: 1,
        severity: Severity::Info,
        condition: condition.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn prefilter_and_lowering_say_what_plain_cel_says(
        conditions in prop::collection::vec(condition(), 1..6),
        events in prop::collection::vec(drawn(), 16..32),
    ) {
        let caps = Caps { depth_max: 96, ..Caps::default() };
        let alone = |condition: &String| RuleSet::compile(vec![rule(0, condition)], &caps).is_ok();
        let (accepted, refused): (Vec<String>, Vec<String>) = conditions.into_iter().partition(alone);
        let plain = |condition: &String| Program::compile(condition).expect("generated conditions parse");
        let accepted_plain: Vec<Program> = accepted.iter().map(plain).collect();
        let refused_plain: Vec<Program> = refused.iter().map(plain).collect();
        let rules = accepted.iter().enumerate().map(|(index, condition)| rule(index, condition)).collect();
        let set = RuleSet::compile(rules, &caps).expect("each compiles alone");
        for event in &events {
            let facts = event.facts();
            let (mut with, mut without) = (Vec::new(), Vec::new());
            set.evaluate(&facts, &mut with);
            set.evaluate_every_rule(&facts, &mut without);
            prop_assert_eq!(&with, &without);
            let matching = accepted_plain.iter().enumerate().filter(|(_, program)| plain_cel_matches(program, &facts));
            let expected: Vec<Hit> = matching.map(|(rule_index, _)| Hit { rule_index }).collect();
            prop_assert_eq!(&with, &expected);
            // The only generated conditions that are refused are those proved never to match.
            for (program, condition) in refused_plain.iter().zip(&refused) {
                prop_assert!(!plain_cel_matches(program, &facts), "refused, yet matches: {}", condition);
            }
        }
    }

    #[test]
    fn any_text_compiles_or_is_refused_with_a_reason(text in "[ -~é\\n]{0,80}|[a-z.()!\\[\\]\"&|=<>0-9 +-]{0,200}") {
        if let Err(errors) = RuleSet::compile(vec![rule(0, &text)], &Caps::default()) {
            prop_assert!(!errors.is_empty());
            prop_assert!(errors.iter().all(|error| !error.message.is_empty() && error.line >= 1 && error.column >= 1));
        }
    }
}

#[test]
fn every_comparison_on_either_side_meets_its_bound_exactly() {
    let operators = ["==", "!=", "<", "<=", ">", ">="];
    let sides = operators.iter().flat_map(|operator| {
        (-1..=1).flat_map(move |number| {
            [
                format!("event.amount_minor {operator} {number}"),
                format!("{number} {operator} event.amount_minor"),
                format!("event.amount_minor {operator} {number} || event.amount_minor in [-2, {number}]"),
            ]
        })
    });
    let conditions: Vec<String> = sides.collect();
    let rules = conditions.iter().enumerate().map(|(index, condition)| rule(index, condition)).collect();
    let set = RuleSet::compile(rules, &Caps::default()).expect("compiles");
    let programs: Vec<Program> =
        conditions.iter().map(|condition| Program::compile(condition).expect("parses")).collect();
    for amount in -3..=3 {
        let event = EventFacts { amount_minor: Some(amount), ..EventFacts::default() };
        let facts = Facts { event, ..Facts::default() };
        let mut hits = Vec::new();
        set.evaluate(&facts, &mut hits);
        let matching = programs.iter().enumerate().filter(|(_, program)| plain_cel_matches(program, &facts));
        let expected: Vec<Hit> = matching.map(|(rule_index, _)| Hit { rule_index }).collect();
        assert_eq!(hits, expected, "amount {amount}");
    }
}
