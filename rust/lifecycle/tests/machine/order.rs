//! The order, number and grouping of deliveries mean nothing.

use std::collections::BTreeSet;

use payflow_lifecycle::{Event, Payment, Verdict};
use proptest::prelude::*;

use crate::closed_form::Meaning;
use crate::history::{Choice, history};
use crate::shuffling::Dice;
use crate::store::{Store, checked};

/// With the other properties, tens of thousands of histories within seconds.
const HISTORIES: u32 = 12_000;
const ORDERS: usize = 4;
const SHORT_HISTORIES: u32 = 6_000;

pub fn choices() -> impl Strategy<Value = Vec<Choice>> {
    prop::collection::vec(any::<Choice>(), 1..40)
}

/// What stands in the operations table, but for the details that no sum and no status depends on.
fn operations(payment: &Payment) -> BTreeSet<(String, String, i32, i64)> {
    payment
        .operations
        .iter()
        .map(|known| {
            (
                format!("{} {}", known.source, known.kind),
                known.operation_id.to_string(),
                known.rank,
                known.amount_minor,
            )
        })
        .collect()
}

/// All facts in one batch, in the order in which they happened.
fn in_order(facts: &[Event]) -> Payment {
    let mut payment = Payment::new("p1");
    for fact in facts {
        let judgement = checked(&mut payment, fact);
        assert!(
            matches!(judgement.verdict, Verdict::Apply | Verdict::Stale),
            "in its own order a valid fact is {} because of {}: {fact:?}",
            judgement.verdict,
            judgement.reason,
        );
    }
    payment
}

/// Calls `visit` with every order of the facts (Heap's algorithm).
fn every_order(facts: &mut [Event], free: usize, visit: &mut impl FnMut(&[Event])) {
    if free <= 1 {
        return visit(facts);
    }
    for position in 0..free {
        every_order(facts, free - 1, visit);
        facts.swap(if free.is_multiple_of(2) { position } else { 0 }, free - 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: SHORT_HISTORIES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_single_order_of_a_short_history_means_the_same(profile: u8, choices in choices(), from: u8) {
        let mut facts = history(profile, &choices);
        facts.truncate(2 + usize::from(from) % 4);
        let expected = Meaning::of_facts(&facts);
        let free = facts.len();
        every_order(&mut facts, free, &mut |order| {
            let mut payment = Payment::new("p1");
            for fact in order {
                checked(&mut payment, fact);
            }
            assert_eq!(Meaning::of_payment(&payment), expected);
            assert!(payment.parked.is_empty(), "left parked: {:?}", payment.parked);
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: HISTORIES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_order_repetition_and_batching_means_the_same(profile: u8, choices in choices(), seed: u64) {
        let facts = history(profile, &choices);
        let expected = Meaning::of_facts(&facts);
        let straight = in_order(&facts);
        prop_assert_eq!(&Meaning::of_payment(&straight), &expected);

        let mut dice = Dice(seed);
        for _ in 0..ORDERS {
            let mut store = Store::default();
            let deliveries = dice.deliveries(&facts);
            for batch in dice.batches(&deliveries) {
                for judgement in store.process(batch) {
                    prop_assert!(
                        !matches!(judgement.verdict, Verdict::Conflict | Verdict::Impossible | Verdict::Malformed),
                        "a valid fact is {} because of {}", judgement.verdict, judgement.reason
                    );
                    for freed in judgement.rejudged {
                        prop_assert!(
                            matches!(freed.verdict, Verdict::Apply | Verdict::Stale),
                            "a parked valid fact is {} because of {}", freed.verdict, freed.reason
                        );
                    }
                }
            }
            let payment = store.payment();
            prop_assert_eq!(&Meaning::of_payment(&payment), &expected);
            prop_assert_eq!(operations(&payment), operations(&straight));
            prop_assert!(payment.parked.is_empty(), "left parked: {:?}", payment.parked);
        }
    }

    #[test]
    fn swapping_any_two_neighbours_changes_nothing(profile: u8, choices in choices()) {
        let mut facts = history(profile, &choices);
        let expected = Meaning::of_facts(&facts);
        for position in 1..facts.len() {
            facts.swap(position - 1, position);
            let mut payment = Payment::new("p1");
            for fact in &facts {
                checked(&mut payment, fact);
            }
            prop_assert_eq!(&Meaning::of_payment(&payment), &expected);
            prop_assert!(payment.parked.is_empty(), "left parked: {:?}", payment.parked);
            facts.swap(position - 1, position);
        }
    }
}
