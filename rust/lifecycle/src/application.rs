//! Row 7: the fact takes effect, unless a bound says that it has to wait.

use crate::event::{Event, EventKind};
use crate::fact::{Fact, Part};
use crate::lattice::{authorization, dispute_moved, join, movement};
use crate::payment::{Change, Operation, OperationKind, Payment, Sums};
use crate::policy::Policies;
use crate::status;
use crate::sums::{self, Invariant};
use crate::verdict::Reason;

/// Where an operation stood before the fact: `None` for one that the fact brings.
#[derive(Clone, Copy)]
struct Step {
    position: usize,
    rank_before: Option<i32>,
}

/// Raises the operations, takes the sums anew and keeps the result if every bound holds; else takes it back.
pub(crate) fn apply(payment: &mut Payment, event: &Event, fact: &Fact, policies: &Policies) -> Reason {
    let mut steps = [None; 2];
    for (slot, part) in steps.iter_mut().zip(fact.parts()) {
        *slot = Some(raise(payment, event, &part));
    }
    let mut sums = sums::sum(&payment.operations, policies);
    if !takes_from_authorization(event.kind) {
        sums = sums.with_allowance_in_use();
    }
    if let Some(refusal) = refusal(&sums, event.kind) {
        for step in steps.iter().rev().flatten() {
            take_back(payment, *step);
        }
        return refusal;
    }
    let reason = steps.iter().flatten().zip(fact.parts()).fold(Reason::Applied, |reason, (step, part)| {
        match settle(&mut payment.operations[step.position], *step, event, &part) {
            Reason::Applied => reason,
            telling => telling,
        }
    });
    payment.sums = sums;
    payment.status = status::derive(&payment.sums, &payment.operations);
    payment.dispute_state = status::dispute_state(&payment.operations);
    payment.version += 1;
    payment.change = payment.change.altered();
    if create(payment, event) { Reason::PaymentCreated } else { reason }
}

fn raise(payment: &mut Payment, event: &Event, part: &Part) -> Step {
    if let Some(position) = payment.position(&event.source, part.kind, part.operation_id) {
        let known = &mut payment.operations[position];
        let rank_before = Some(known.rank);
        known.rank = join(part.kind, known.rank, part.rank);
        return Step { position, rank_before };
    }
    payment.operations.push(Operation {
        source: event.source.clone(),
        kind: part.kind,
        operation_id: part.operation_id.into(),
        parent_id: part.parent_id.map(Into::into),
        rank: part.rank,
        amount_minor: part.amount_minor,
        occurred_at_us: event.occurred_at_us,
        reason: event.reason.clone(),
        change: Change::Inserted,
    });
    Step { position: payment.operations.len() - 1, rank_before: None }
}

fn take_back(payment: &mut Payment, step: Step) {
    match step.rank_before {
        Some(rank) => payment.operations[step.position].rank = rank,
        None => payment.operations.truncate(step.position),
    }
}

/// Whether facts of this kind have to fit into what is authorized.
const fn takes_from_authorization(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::CaptureSucceeded
            | EventKind::SaleSucceeded
            | EventKind::AuthorizationReleased
            | EventKind::AuthorizationAdjusted
    )
}

/// Why these sums cannot stand: for ever, or until other facts have come.
fn refusal(sums: &Sums, kind: EventKind) -> Option<Reason> {
    if sums.exceeds_limit() {
        return Some(Reason::SumExceedsLimit);
    }
    let broken = sums.violates()?;
    Some(match (kind, broken) {
        (EventKind::AuthorizationReleased, _) => Reason::ReleaseExceedsAuthorized,
        (EventKind::AuthorizationAdjusted, _) => Reason::AdjustmentBelowCaptured,
        (_, Invariant::ReleasedWithinAuthorized | Invariant::CapturedWithinAuthorized) => {
            Reason::CaptureExceedsAuthorized
        }
        (_, Invariant::RefundedWithinCaptured) => Reason::RefundExceedsCaptured,
        (_, Invariant::ReinstatedWithinWithdrawn) => Reason::ReinstatementExceedsDisputed,
    })
}

/// Gives a raised operation the time and reason of the fact that raised it, and says what kind of step it was.
fn settle(operation: &mut Operation, step: Step, event: &Event, part: &Part) -> Reason {
    let Some(rank_before) = step.rank_before else {
        return Reason::Applied;
    };
    let climbed = operation.rank != rank_before;
    if !climbed && !part.updates_detail(operation, event) {
        return Reason::Applied;
    }
    operation.change = operation.change.altered();
    if operation.parent_id.is_none() {
        operation.parent_id = part.parent_id.map(Into::into);
    }
    if operation.kind == OperationKind::Dispute && !dispute_moved(rank_before, operation.rank) {
        return Reason::StageEndRecorded;
    }
    operation.occurred_at_us = event.occurred_at_us;
    operation.reason.clone_from(&event.reason);
    match (operation.kind, rank_before) {
        _ if !climbed => Reason::DetailUpdated,
        (OperationKind::Authorization, authorization::FAILED) => Reason::LateAuthorization,
        (
            OperationKind::Capture
            | OperationKind::Refund
            | OperationKind::Release
            | OperationKind::Cancellation,
            movement::SUCCEEDED,
        ) => Reason::SuccessReversed,
        _ => Reason::Applied,
    }
}

/// The first event that creates payments fixes what this one is: whose, and in which currency.
fn create(payment: &mut Payment, event: &Event) -> bool {
    let Some(money) = event.money.filter(|_| !payment.is_created()) else {
        return false;
    };
    payment.merchant_id.clone_from(&event.merchant_id);
    payment.currency = Some(money.currency);
    payment.exponent = money.exponent;
    true
}
