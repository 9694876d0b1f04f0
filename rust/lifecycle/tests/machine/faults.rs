//! Facts that cannot be true surface, and never move money.

use std::collections::BTreeSet;

use payflow_lifecycle::{
    Currency, Dispute, DisputeStage, DisputeStatus, Event, EventKind as Kind, Money, OperationKind, Payment,
    Verdict, lattice,
};
use proptest::prelude::*;

use crate::closed_form::Meaning;
use crate::history::{PROFILES, history};
use crate::order::choices;
use crate::script::{event, sealed};
use crate::shuffling::Dice;
use crate::store::Store;

const HISTORIES: u32 = 12_000;
/// More than any history authorizes, captures or withdraws.
const TOO_MUCH_MINOR: i64 = 10_000_000;

/// A fault that this payment may meet now, under an event id of its own unless reusing one is the fault.
fn fault(dice: &mut Dice, payment: &Payment, source: &str, number: usize) -> Option<Event> {
    let movements = [
        Kind::CaptureSucceeded,
        Kind::RefundSucceeded,
        Kind::DisputeFundsWithdrawn,
        Kind::AuthorizationReleased,
    ];
    let id = format!("fault-{number}");
    let fresh = |kind, amount: i64| Event { source: source.into(), ..event(&id, kind, &id, Some(amount)) };
    let kind = movements[dice.roll(movements.len())];
    let faulty = match dice.roll(12) {
        0 => Event {
            money: Some(Money { amount_minor: 5, currency: Currency(*b"USD"), exponent: 2 }),
            ..fresh(kind, 5)
        },
        1 => Event {
            money: Some(Money { amount_minor: 5, currency: Currency(*b"EUR"), exponent: 3 }),
            ..fresh(kind, 5)
        },
        2 => Event { merchant_id: "m2".into(), ..fresh(kind, 5) },
        3 => fresh(Kind::CaptureSucceeded, TOO_MUCH_MINOR),
        4 => fresh(Kind::RefundSucceeded, TOO_MUCH_MINOR),
        5 => fresh(Kind::AuthorizationReleased, TOO_MUCH_MINOR),
        6 => fresh(Kind::DisputeFundsReinstated, TOO_MUCH_MINOR),
        7 => Event { parent_id: Some("nowhere".into()), ..fresh(kind, 1) },
        8 => fresh(Kind::AuthorizationAdjusted, 10),
        9 => reused_operation(dice, payment, &id)?,
        10 => other_amount(dice, payment, &id)?,
        _ => other_end(dice, payment, &id)?,
    };
    Some(sealed(faulty))
}

fn pick<'a>(
    dice: &mut Dice,
    payment: &'a Payment,
    wanted: impl Fn(&payflow_lifecycle::Operation) -> bool,
) -> Option<&'a payflow_lifecycle::Operation> {
    let found: Vec<_> = payment.operations.iter().filter(|operation| wanted(operation)).collect();
    (!found.is_empty()).then(|| found[dice.roll(found.len())])
}

/// The id of one operation on another of a kind that cannot share it.
fn reused_operation(dice: &mut Dice, payment: &Payment, event_id: &str) -> Option<Event> {
    let known = pick(dice, payment, |known| known.kind != OperationKind::Adjustment)?;
    let kind = match known.kind {
        OperationKind::Refund => Kind::CaptureSucceeded,
        _ => Kind::RefundSucceeded,
    };
    let amount = known.amount_minor.max(1);
    Some(Event { source: known.source.clone(), ..event(event_id, kind, &known.operation_id, Some(amount)) })
}

/// A known operation with one unit more.
fn other_amount(dice: &mut Dice, payment: &Payment, event_id: &str) -> Option<Event> {
    let known = pick(dice, payment, |known| {
        !matches!(
            known.kind,
            OperationKind::Adjustment | OperationKind::Dispute | OperationKind::Cancellation
        )
    })?;
    let kind = match known.kind {
        OperationKind::Authorization => Kind::AuthorizationSucceeded,
        OperationKind::Release => Kind::AuthorizationReleased,
        OperationKind::Capture => Kind::CaptureFailed,
        OperationKind::Refund => Kind::RefundFailed,
        OperationKind::DisputeWithdrawal => Kind::DisputeFundsWithdrawn,
        OperationKind::Intent => Kind::PaymentCreated,
        _ => Kind::DisputeFundsReinstated,
    };
    let amount = known.amount_minor + 1;
    Some(Event { source: known.source.clone(), ..event(event_id, kind, &known.operation_id, Some(amount)) })
}

/// Another end for a stage in which a case has ended.
fn other_end(dice: &mut Dice, payment: &Payment, event_id: &str) -> Option<Event> {
    let ended = |rank| lattice::dispute_position(rank).status as u8 >= DisputeStatus::Won as u8;
    let known = pick(dice, payment, |known| known.kind == OperationKind::Dispute && ended(known.rank))?;
    let Dispute { stage, status } = lattice::dispute_position(known.rank);
    let status = if status == DisputeStatus::Won { DisputeStatus::Lost } else { DisputeStatus::Won };
    let told = event(event_id, Kind::DisputeClosed, &known.operation_id, None);
    Some(Event { source: known.source.clone(), dispute: Some(Dispute { stage, status }), ..told })
}

/// The same event id with another payload.
fn reused_event(delivered: &Event) -> Event {
    let mut forged = delivered.clone();
    forged.money = Some(Money { amount_minor: 1_000, currency: Currency(*b"EUR"), exponent: 2 });
    forged.merchant_id = "m2".into();
    sealed(forged)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: HISTORIES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_faulty_fact_surfaces_and_moves_no_money(profile: u8, choices in choices(), seed: u64) {
        let facts = history(profile, &choices);
        let source = PROFILES[usize::from(profile) % PROFILES.len()][0];
        let mut dice = Dice(seed);
        let mut store = Store::default();
        let mut injected = BTreeSet::new();
        let mut surfaced = BTreeSet::new();
        let deliveries = dice.deliveries(&facts);
        for (number, batch) in dice.batches(&deliveries).into_iter().enumerate() {
            let mut batch = batch.to_vec();
            let fault = fault(&mut dice, &store.payment(), source, number).filter(|_| dice.roll(2) == 0);
            if let Some(fault) = fault {
                injected.insert(fault.event_id.clone());
                batch.insert(dice.roll(batch.len() + 1), fault);
            }
            let last = batch.last().cloned();
            for (event, judgement) in batch.iter().zip(store.process(&batch)) {
                if matches!(judgement.verdict, Verdict::Conflict | Verdict::Impossible) {
                    prop_assert!(injected.contains(&event.event_id), "{} {event:?}", judgement.reason);
                    surfaced.insert(event.event_id.clone());
                }
                for freed in judgement.rejudged {
                    if matches!(freed.verdict, Verdict::Conflict | Verdict::Impossible) {
                        prop_assert!(injected.contains(&freed.event.event_id), "{} {:?}", freed.reason, freed.event);
                        surfaced.insert(freed.event.event_id);
                    }
                }
            }
            if let Some(delivered) = last.filter(|_| dice.roll(4) == 0) {
                let judgement = store.process(&[reused_event(&delivered)]).remove(0);
                prop_assert_eq!(judgement.reason.as_str(), "event_id_reused_with_other_payload");
            }
        }
        let payment = store.payment();
        prop_assert_eq!(&Meaning::of_payment(&payment), &Meaning::of_facts(&facts));
        surfaced.extend(payment.parked.iter().map(|parked| parked.event.event_id.clone()));
        prop_assert_eq!(surfaced, injected, "every fault is quarantined or still parked, and nothing else is");
    }
}

#[test]
fn another_end_surfaces_in_whatever_order_the_ends_come_and_after_later_stages() {
    let ends = [
        DisputeStatus::Won,
        DisputeStatus::Lost,
        DisputeStatus::Accepted,
        DisputeStatus::Expired,
        DisputeStatus::Withdrawn,
    ];
    let closed = |id: &str, stage, status| {
        sealed(Event {
            dispute: Some(Dispute { stage, status }),
            ..event(id, Kind::DisputeClosed, "d1", None)
        })
    };
    for stage in [DisputeStage::Inquiry, DisputeStage::Chargeback, DisputeStage::PreArbitration] {
        for first in ends {
            for second in ends.into_iter().filter(|second| *second != first) {
                for later_between in [false, true] {
                    let mut store = Store::default();
                    let later = closed("later", DisputeStage::Arbitration, DisputeStatus::Lost);
                    let mut batch = vec![
                        event("sale", Kind::SaleSucceeded, "s1", Some(100)),
                        closed("first", stage, first),
                    ];
                    batch.extend(later_between.then_some(later));
                    batch.push(closed("second", stage, second));
                    let judgements = store.process(&batch);
                    let reason = judgements.last().expect("a judgement").reason;
                    assert_eq!(reason.as_str(), "dispute_end_contradicts", "{stage} {first} then {second}");
                }
            }
        }
    }
}
