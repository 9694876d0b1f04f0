//! The derived status and the dispute region (PAYMENTS 1.3): read off the operations, written by no event.

use crate::event::{DisputeStage, DisputeStatus};
use crate::lattice::{authorization, dispute_position, movement};
use crate::payment::{DisputeState, Operation, OperationKind, Payment, Status, Sums};
use crate::policy::Policies;
use crate::sums;

/// The reason on an authorization that waits for the customer.
const REQUIRES_ACTION: &str = "requires_action";
/// The reason on a release that time brought about.
const EXPIRED: &str = "expired";

/// Sums, status and dispute state from the operations alone: what the cached columns have to equal (I5).
pub fn recompute(payment: &Payment, policies: &Policies) -> (Sums, Status, DisputeState) {
    let sums = sums::sum(&payment.operations, policies).with_allowance_in_use();
    (sums, derive(&sums, &payment.operations), dispute_state(&payment.operations))
}

/// The first row of PAYMENTS 1.3 that matches.
pub(crate) fn derive(sums: &Sums, operations: &[Operation]) -> Status {
    if sums.captured > 0 {
        return if sums.refunded >= sums.captured {
            Status::Refunded
        } else if sums.refunded > 0 {
            Status::PartiallyRefunded
        } else if sums.capturable() > 0 {
            Status::PartiallyCaptured
        } else {
            Status::Captured
        };
    }
    if sums.authorized > sums.released {
        return Status::Authorized;
    }
    if sums.authorized > 0 {
        return ended_by(operations);
    }
    attempted(operations)
}

/// Voided or expired, as the last release that took effect says. Releases told for the same moment are ordered by id and source.
fn ended_by(operations: &[Operation]) -> Status {
    let last = operations
        .iter()
        .filter(|operation| operation.kind == OperationKind::Release && operation.rank == movement::SUCCEEDED)
        .max_by_key(|release| (release.occurred_at_us, &release.operation_id, &release.source));
    match last.and_then(|release| release.reason.as_deref()) {
        Some(EXPIRED) => Status::Expired,
        _ => Status::Voided,
    }
}

/// Where a payment stands of which no authorization has succeeded.
fn attempted(operations: &[Operation]) -> Status {
    let mut status = Status::Created;
    for operation in operations.iter().filter(|operation| operation.kind == OperationKind::Authorization) {
        match operation.rank {
            authorization::REQUESTED | authorization::PENDING
                if operation.reason.as_deref() == Some(REQUIRES_ACTION) =>
            {
                return Status::RequiresAction;
            }
            authorization::REQUESTED | authorization::PENDING | authorization::UNKNOWN => {
                status = Status::Pending;
            }
            _ if status == Status::Created => status = Status::Failed,
            _ => {}
        }
    }
    status
}

/// The most urgent state among the cases: open, under review, inquiry, lost, won.
pub(crate) fn dispute_state(operations: &[Operation]) -> DisputeState {
    operations
        .iter()
        .filter(|operation| operation.kind == OperationKind::Dispute)
        .map(|case| case_state(case.rank))
        .max_by_key(|state| urgency(*state))
        .unwrap_or_default()
}

/// An inquiry that lapses ends without a loss; a chargeback that lapses was never defended and is one.
fn case_state(rank: i32) -> DisputeState {
    let position = dispute_position(rank);
    let inquiry = position.stage == DisputeStage::Inquiry;
    match position.status {
        DisputeStatus::Opened | DisputeStatus::UnderReview if inquiry => DisputeState::Inquiry,
        DisputeStatus::Opened => DisputeState::Open,
        DisputeStatus::UnderReview => DisputeState::UnderReview,
        DisputeStatus::Expired if inquiry => DisputeState::Won,
        DisputeStatus::Won | DisputeStatus::Withdrawn => DisputeState::Won,
        DisputeStatus::Lost | DisputeStatus::Accepted | DisputeStatus::Expired => DisputeState::Lost,
    }
}

const fn urgency(state: DisputeState) -> u8 {
    match state {
        DisputeState::None => 0,
        DisputeState::Won => 1,
        DisputeState::Lost => 2,
        DisputeState::Inquiry => 3,
        DisputeState::UnderReview => 4,
        DisputeState::Open => 5,
    }
}
