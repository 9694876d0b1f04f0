//! How long one judgement takes: `cargo bench -p payflow-lifecycle`.
//!
//! Each line is one workload over generated histories: events, nanoseconds for one event (best of the rounds), verdicts.

#[path = "../tests/machine/history.rs"]
mod history;
#[path = "../tests/machine/provider.rs"]
mod provider;
#[expect(dead_code, reason = "the benchmark reads no tables")]
#[path = "../tests/machine/script.rs"]
mod script;
#[expect(dead_code, reason = "the benchmark cuts no batches")]
#[path = "../tests/machine/shuffling.rs"]
mod shuffling;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use payflow_lifecycle::{Event, EventKind, Payment, judge};

use crate::shuffling::Dice;

const HISTORIES: usize = 20_000;
const ROUNDS: usize = 5;

fn main() {
    let mut dice = Dice(7);
    let histories: Vec<Vec<Event>> = (0..HISTORIES).map(|_| typical(&mut dice)).collect();
    measure("typical payments, in order", &histories);
    let disordered: Vec<Vec<Event>> = histories.iter().map(|facts| dice.deliveries(facts)).collect();
    measure("typical payments, shuffled and repeated", &disordered);
    let long: Vec<Vec<Event>> = (0..HISTORIES / 10).map(|_| random(&mut dice, 60)).collect();
    measure("long random histories, in order", &long);
    let hot = vec![hot_payment(400)];
    measure("one payment with 400 captures in one batch", &hot);
}

/// What most payments are: authorized, captured, some refunded, few disputed.
fn typical(dice: &mut Dice) -> Vec<Event> {
    let told = |number: usize, kind, operation: &str, amount| {
        script::sealed(script::event(&format!("e{number}"), kind, operation, amount))
    };
    let mut facts = vec![
        told(0, EventKind::AuthorizationPending, "authorization-1", Some(10_000)),
        told(1, EventKind::AuthorizationSucceeded, "authorization-1", Some(10_000)),
        told(2, EventKind::CapturePending, "capture-1", Some(10_000)),
        told(3, EventKind::CaptureSucceeded, "capture-1", Some(10_000)),
    ];
    if dice.roll(4) == 0 {
        facts.push(told(4, EventKind::RefundPending, "refund-1", Some(2_500)));
        facts.push(told(5, EventKind::RefundSucceeded, "refund-1", Some(2_500)));
    }
    if dice.roll(10) == 0 {
        facts.push(told(6, EventKind::DisputeOpened, "dispute-1", None));
        facts.push(told(7, EventKind::DisputeFundsWithdrawn, "withdrawal-1", Some(7_500)));
    }
    facts
}

fn random(dice: &mut Dice, steps: usize) -> Vec<Event> {
    let mut byte = || dice.roll(256) as u8;
    let choices: Vec<history::Choice> = (0..steps).map(|_| (byte(), byte(), byte(), byte())).collect();
    history::history(byte(), &choices)
}

fn hot_payment(captures: usize) -> Vec<Event> {
    let mut facts = vec![script::event("a", EventKind::AuthorizationSucceeded, "a", Some(1_000_000))];
    facts.extend((0..captures).map(|number| {
        script::event(
            &format!("e{number}"),
            EventKind::CaptureSucceeded,
            &format!("capture-{number}"),
            Some(10),
        )
    }));
    facts
}

fn measure(workload: &str, histories: &[Vec<Event>]) {
    let policies = script::policies();
    let events: usize = histories.iter().map(Vec::len).sum();
    let mut best_ns = f64::INFINITY;
    let mut verdicts = BTreeMap::new();
    for round in 0..ROUNDS {
        let mut payments: Vec<Payment> = histories.iter().map(|_| Payment::new("p1")).collect();
        let started = Instant::now();
        for (payment, facts) in payments.iter_mut().zip(histories) {
            for fact in facts {
                black_box(judge(payment, fact, &policies));
            }
        }
        best_ns = best_ns.min(started.elapsed().as_nanos() as f64 / events as f64);
        black_box(payments);
        if round == 0 {
            for facts in histories {
                let mut payment = Payment::new("p1");
                for fact in facts {
                    *verdicts
                        .entry(judge(&mut payment, fact, &policies).verdict.as_str())
                        .or_insert(0_usize) += 1;
                }
            }
        }
    }
    println!("{workload:<45} {events:>9} events {best_ns:>8.0} ns/event  {verdicts:?}");
}
