//! The properties are not empty: the generator reaches every status, every dispute state and every verdict.

use std::collections::BTreeSet;

use payflow_lifecycle::{DisputeState, EventKind, Payment, Reason, Status, Verdict, judge};

use crate::history::{Choice, history};
use crate::script::policies;
use crate::shuffling::Dice;

const HISTORIES: usize = 4_000;

#[test]
fn random_histories_reach_every_kind_status_dispute_state_and_reason_of_a_valid_fact() {
    let mut dice = Dice(1);
    let (mut kinds, mut statuses, mut disputes, mut reasons) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for _ in 0..HISTORIES {
        let mut byte = || dice.roll(256) as u8;
        let choices: Vec<Choice> = (0..20).map(|_| (byte(), byte(), byte(), byte())).collect();
        let facts = history(byte(), &choices);
        kinds.extend(facts.iter().map(|fact| fact.kind.as_str()));
        let mut payment = Payment::new("p1");
        for event in dice.deliveries(&facts) {
            let judgement = judge(&mut payment, &event, &policies());
            reasons.insert(judgement.reason.as_str());
            statuses.insert(payment.status.as_str());
            disputes.insert(payment.dispute_state.as_str());
        }
    }
    let all = |names: Vec<&'static str>| names.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(kinds, all(EventKind::ALL.iter().map(|kind| kind.as_str()).collect()));
    assert_eq!(statuses, all(Status::ALL.iter().map(|status| status.as_str()).collect()));
    assert_eq!(disputes, all(DisputeState::ALL.iter().map(|state| state.as_str()).collect()));
    let of_valid_facts = [Verdict::Duplicate, Verdict::Stale, Verdict::Premature, Verdict::Apply];
    let reachable = Reason::ALL.iter().filter(|reason| of_valid_facts.contains(&reason.verdict()));
    assert_eq!(reasons, all(reachable.map(|reason| reason.as_str()).collect()));
}
