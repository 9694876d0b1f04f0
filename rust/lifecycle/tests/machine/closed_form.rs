//! What a set of facts amounts to, written down a second time: without order, without the machine, without its types
//! for operations. The properties hold the machine against this.

use std::collections::{BTreeMap, BTreeSet};

use payflow_lifecycle::{
    DisputeStage, DisputeState, DisputeStatus, Event, EventKind as Kind, Payment, Status, Sums,
};

use crate::script::policies;

/// All that is money or state, and nothing that depends on when a fact was delivered.
#[derive(Debug, PartialEq, Eq)]
pub struct Meaning {
    pub sums: Sums,
    pub amount: i64,
    pub status: Status,
    pub dispute_state: DisputeState,
}

impl Meaning {
    pub fn of_payment(payment: &Payment) -> Self {
        Self {
            sums: payment.sums,
            amount: payment.amount_minor(),
            status: payment.status,
            dispute_state: payment.dispute_state,
        }
    }

    /// What a valid set of facts means.
    pub fn of_facts(facts: &[Event]) -> Self {
        let sums = sums(facts);
        Self {
            sums,
            amount: what_it_is_about(&sums, facts),
            status: status(&sums, facts),
            dispute_state: dispute_state(facts),
        }
    }
}

type Key<'a> = (&'a str, &'a str);

fn key(fact: &Event) -> Key<'_> {
    (&fact.source, &fact.operation_id)
}

fn amount(fact: &Event) -> i64 {
    fact.money.map_or(0, |money| money.amount_minor)
}

/// The operations that a fact of one of these kinds speaks of, with their amounts.
fn told<'a>(facts: &'a [Event], kinds: &[Kind]) -> BTreeMap<Key<'a>, i64> {
    facts.iter().filter(|fact| kinds.contains(&fact.kind)).map(|fact| (key(fact), amount(fact))).collect()
}

fn total<'a>(of: &BTreeMap<Key<'a>, i64>, without: &[&BTreeMap<Key<'a>, i64>]) -> i64 {
    of.iter()
        .filter(|(key, _)| !without.iter().any(|other| other.contains_key(*key)))
        .map(|(_, amount)| amount)
        .sum()
}

fn sums(facts: &[Event]) -> Sums {
    let authorized = told(facts, &[Kind::AuthorizationSucceeded, Kind::SaleSucceeded]);
    let (mut gross, mut reduced, mut weighted) = (0, 0, 0);
    for (&(source, id), &first) in &authorized {
        let mut totals: Vec<(i64, &str, i64)> = facts
            .iter()
            .filter(|fact| fact.kind == Kind::AuthorizationAdjusted && key(fact) == (source, id))
            .map(|fact| (fact.occurred_at_us, &*fact.event_id, amount(fact)))
            .collect();
        totals.sort_unstable();
        let line: Vec<i64> = std::iter::once(first).chain(totals.iter().map(|entry| entry.2)).collect();
        let up: i64 = first + line.windows(2).map(|pair| (pair[1] - pair[0]).max(0)).sum::<i64>();
        gross += up;
        reduced += up - line.last().expect("the first amount");
        weighted += line.last().expect("the first amount") * i64::from(policies().of(source).overcapture_bps);
    }
    let captured = told(facts, &[Kind::CaptureSucceeded, Kind::SaleSucceeded]);
    let capture_failed = told(facts, &[Kind::CaptureFailed]);
    let refunded = told(facts, &[Kind::RefundSucceeded]);
    let refund_failed = told(facts, &[Kind::RefundFailed]);
    let released = told(facts, &[Kind::AuthorizationReleased]);
    let release_failed = told(facts, &[Kind::ReleaseFailed]);
    let held = |requested, pending, unknown| told(facts, &[requested, pending, unknown]);
    let captures_held = held(Kind::CaptureRequested, Kind::CapturePending, Kind::CaptureUnknown);
    let refunds_held = held(Kind::RefundRequested, Kind::RefundPending, Kind::RefundUnknown);
    let releases_held = held(Kind::ReleaseRequested, Kind::ReleasePending, Kind::ReleaseUnknown);
    Sums {
        authorized: gross,
        released: reduced + total(&released, &[&release_failed]),
        captured: total(&captured, &[&capture_failed]),
        capture_failed: total(&capture_failed, &[]),
        refunded: total(&refunded, &[&refund_failed]),
        disputed: total(&told(facts, &[Kind::DisputeFundsWithdrawn]), &[])
            - total(&told(facts, &[Kind::DisputeFundsReinstated]), &[]),
        capture_pending: total(&captures_held, &[&captured, &capture_failed]),
        refund_pending: total(&refunds_held, &[&refunded, &refund_failed]),
        release_pending: total(&releases_held, &[&released, &release_failed]),
        overcapture_allowance: weighted / 10_000,
    }
}

/// What is authorized, else the largest attempt, else the largest amount that the payment was created for.
fn what_it_is_about(sums: &Sums, facts: &[Event]) -> i64 {
    let largest =
        |family: &str| facts.iter().filter(|fact| fact.kind.as_str().starts_with(family)).map(amount).max();
    match sums.authorized {
        0 => largest("authorization.requested")
            .max(largest("authorization.pending"))
            .max(largest("authorization.unknown"))
            .max(largest("authorization.failed"))
            .or_else(|| largest("payment.created"))
            .unwrap_or(0),
        authorized => authorized,
    }
}

fn status(sums: &Sums, facts: &[Event]) -> Status {
    let Sums { authorized, released, captured, refunded, capture_pending, release_pending, .. } = *sums;
    match captured {
        1.. if refunded >= captured => Status::Refunded,
        1.. if refunded > 0 => Status::PartiallyRefunded,
        1.. if authorized - released - captured - capture_pending - release_pending > 0 => {
            Status::PartiallyCaptured
        }
        1.. => Status::Captured,
        _ if authorized > released => Status::Authorized,
        _ if authorized > 0 => {
            let undone = told(facts, &[Kind::ReleaseFailed]);
            let last = facts
                .iter()
                .filter(|fact| fact.kind == Kind::AuthorizationReleased && !undone.contains_key(&key(fact)))
                .max_by_key(|fact| (fact.occurred_at_us, &fact.operation_id, &fact.source, &fact.reason));
            let expired = last.is_some_and(|fact| fact.reason.as_deref() == Some("expired"));
            if expired { Status::Expired } else { Status::Voided }
        }
        _ => attempts(facts),
    }
}

fn attempts(facts: &[Event]) -> Status {
    let lattice = [
        Kind::AuthorizationRequested,
        Kind::AuthorizationPending,
        Kind::AuthorizationUnknown,
        Kind::AuthorizationFailed,
    ];
    let mut highest: BTreeMap<Key, (usize, i64, Option<&str>)> = BTreeMap::new();
    for fact in facts {
        if let Some(rank) = lattice.iter().position(|kind| *kind == fact.kind) {
            let told = (rank, fact.occurred_at_us, fact.reason.as_deref());
            highest.entry(key(fact)).and_modify(|known| *known = told.max(*known)).or_insert(told);
        }
    }
    if highest.values().any(|told| told.0 < 2 && told.2 == Some("requires_action")) {
        Status::RequiresAction
    } else if highest.values().any(|told| told.0 < 3) {
        Status::Pending
    } else if highest.is_empty() {
        Status::Created
    } else {
        Status::Failed
    }
}

fn dispute_state(facts: &[Event]) -> DisputeState {
    let reports: Vec<(Key, (DisputeStage, DisputeStatus))> = facts
        .iter()
        .filter_map(|fact| {
            let plain = match fact.kind {
                Kind::DisputeInquiry => Some(DisputeStage::Inquiry),
                Kind::DisputeOpened => Some(DisputeStage::Chargeback),
                _ => None,
            };
            let case = fact.dispute.map(|case| (case.stage, case.status));
            Some((key(fact), case.or(plain.map(|stage| (stage, DisputeStatus::Opened)))?))
        })
        .collect();
    let cases: BTreeSet<Key> = reports.iter().map(|report| report.0).collect();
    let states: BTreeSet<&str> = cases
        .iter()
        .map(|case| {
            let of_case = reports.iter().filter(|report| report.0 == *case).map(|report| report.1);
            match of_case.max_by_key(|(stage, status)| (*stage, *status as u8)).expect("a report") {
                (DisputeStage::Inquiry, DisputeStatus::Opened | DisputeStatus::UnderReview) => "c inquiry",
                (_, DisputeStatus::Opened) => "a open",
                (_, DisputeStatus::UnderReview) => "b under_review",
                (DisputeStage::Inquiry, DisputeStatus::Expired)
                | (_, DisputeStatus::Won | DisputeStatus::Withdrawn) => "e won",
                _ => "d lost",
            }
        })
        .collect();
    states.first().map_or(DisputeState::None, |state| state[2..].parse().expect("a dispute state"))
}
