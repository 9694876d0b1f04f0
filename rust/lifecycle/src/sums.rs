//! Sums over operations, and the invariants that hold between them (PAYMENTS 1.2).
//!
//! A sum is taken anew from the operations each time: nothing is carried over from an earlier order of arrival,
//! so what the sums say can only depend on the set of facts.

use crate::lattice::{authorization, movement};
use crate::payment::{Operation, OperationKind, Sums};
use crate::policy::Policies;
use crate::slug::slugs;

/// The most that one sum may reach, 2^53-1: what every reader of the API and the database holds exactly.
pub const SUM_LIMIT_MINOR: i64 = (1 << 53) - 1;

const BASIS_POINTS: i128 = 10_000;

/// What must hold between the sums after every fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Invariant {
    /// I1: `0 <= R <= A`.
    ReleasedWithinAuthorized,
    /// I2: `C + R <= A + overcapture allowance`.
    CapturedWithinAuthorized,
    /// I3: `F <= C + X`.
    RefundedWithinCaptured,
    /// `D >= 0`: nothing is reinstated that was not withdrawn.
    ReinstatedWithinWithdrawn,
}

slugs!(Invariant {
    ReleasedWithinAuthorized => "released_within_authorized",
    CapturedWithinAuthorized => "captured_within_authorized",
    RefundedWithinCaptured => "refunded_within_captured",
    ReinstatedWithinWithdrawn => "reinstated_within_withdrawn",
});

impl Sums {
    /// `A - R - C - Cp - Rp`: what a capture or a void may still take. Negative after an overcapture.
    pub const fn capturable(&self) -> i64 {
        self.authorized
            .saturating_sub(self.released)
            .saturating_sub(self.captured)
            .saturating_sub(self.capture_pending)
            .saturating_sub(self.release_pending)
    }

    /// `C - F - Fp - max(D, 0)`: what a refund command may still return. Negative when too much has gone back.
    pub fn refundable(&self) -> i64 {
        self.captured
            .saturating_sub(self.refunded)
            .saturating_sub(self.refund_pending)
            .saturating_sub(self.disputed.max(0))
    }

    /// `max(0, F + D - C)`: how much more has gone back than was captured. It happens, and raises a critical alert.
    pub fn over_returned(&self) -> i64 {
        self.refunded.saturating_add(self.disputed).saturating_sub(self.captured).max(0)
    }

    /// The first invariant that does not hold.
    pub const fn violates(&self) -> Option<Invariant> {
        let taken = self.captured.saturating_add(self.released);
        if self.released < 0 || self.released > self.authorized {
            Some(Invariant::ReleasedWithinAuthorized)
        } else if taken > self.authorized.saturating_add(self.overcapture_allowance) {
            Some(Invariant::CapturedWithinAuthorized)
        } else if self.refunded > self.captured.saturating_add(self.capture_failed) {
            Some(Invariant::RefundedWithinCaptured)
        } else if self.disputed < 0 {
            Some(Invariant::ReinstatedWithinWithdrawn)
        } else {
            None
        }
    }

    /// The same sums, with the allowance at least what is in use. Differs only once a source's policy was tightened
    /// after captures had used it: that must not hold up the facts that follow.
    pub(crate) fn with_allowance_in_use(mut self) -> Self {
        let in_use = self.captured.saturating_add(self.released).saturating_sub(self.authorized);
        self.overcapture_allowance = self.overcapture_allowance.max(in_use);
        self
    }

    /// Whether any sum passes [`SUM_LIMIT_MINOR`].
    pub(crate) fn exceeds_limit(&self) -> bool {
        [
            self.authorized,
            self.released,
            self.captured,
            self.capture_failed,
            self.refunded,
            self.disputed,
            self.capture_pending,
            self.refund_pending,
            self.release_pending,
        ]
        .iter()
        .any(|&sum| sum > SUM_LIMIT_MINOR)
    }
}

/// Sums in a width that no number of operations can overflow.
#[derive(Default)]
struct Totals {
    authorized: i128,
    released: i128,
    captured: i128,
    capture_failed: i128,
    refunded: i128,
    disputed: i128,
    capture_pending: i128,
    refund_pending: i128,
    release_pending: i128,
    allowance_bps: i128,
}

/// The sums of these operations, each held within the range of `i64`.
///
/// The overcapture allowance is a share of what authorizations stand at after their adjustments, not of the gross `A`:
/// of two adjustments down and up again, neither may lean on an allowance that only the other one brings, or both
/// would wait for each other.
pub(crate) fn sum(operations: &[Operation], policies: &Policies) -> Sums {
    let mut totals = Totals::default();
    let adjusted = operations.iter().any(|operation| operation.kind == OperationKind::Adjustment);
    for operation in operations {
        let amount = i128::from(operation.amount_minor);
        match (operation.kind, operation.rank) {
            (OperationKind::Authorization, authorization::SUCCEEDED) => {
                let (up, down) = if adjusted { adjustments(operation, operations) } else { (0, 0) };
                totals.authorized += amount + up;
                totals.released += down;
                let overcapture_bps = policies.of(&operation.source).overcapture_bps;
                totals.allowance_bps += (amount + up - down) * i128::from(overcapture_bps);
            }
            (OperationKind::Release, movement::SUCCEEDED) => totals.released += amount,
            (OperationKind::Release, rank) if rank != movement::FAILED => totals.release_pending += amount,
            (OperationKind::Capture, movement::SUCCEEDED) => totals.captured += amount,
            (OperationKind::Capture, movement::FAILED) => totals.capture_failed += amount,
            (OperationKind::Capture, _) => totals.capture_pending += amount,
            (OperationKind::Refund, movement::SUCCEEDED) => totals.refunded += amount,
            (OperationKind::Refund, rank) if rank != movement::FAILED => totals.refund_pending += amount,
            (OperationKind::DisputeWithdrawal, _) => totals.disputed += amount,
            (OperationKind::DisputeReinstatement, _) => totals.disputed -= amount,
            (
                OperationKind::Authorization
                | OperationKind::Adjustment
                | OperationKind::Release
                | OperationKind::Refund
                | OperationKind::Dispute
                | OperationKind::Intent
                | OperationKind::Cancellation,
                _,
            ) => {}
        }
    }
    totals.narrowed()
}

/// The ups and the downs of one authorization: its totals in the order of `(occurred_at, event id)`, from its amount on.
fn adjustments(authorization: &Operation, operations: &[Operation]) -> (i128, i128) {
    let mut stated: Vec<&Operation> = operations
        .iter()
        .filter(|operation| {
            operation.kind == OperationKind::Adjustment
                && operation.source == authorization.source
                && operation.parent_id.as_ref() == Some(&authorization.operation_id)
        })
        .collect();
    stated.sort_unstable_by_key(|operation| (operation.occurred_at_us, &operation.operation_id));

    let (mut up, mut down, mut total) = (0, 0, i128::from(authorization.amount_minor));
    for adjustment in stated {
        let step = i128::from(adjustment.amount_minor) - total;
        up += step.max(0);
        down += (-step).max(0);
        total += step;
    }
    (up, down)
}

impl Totals {
    fn narrowed(self) -> Sums {
        let narrow = |total: i128| total.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        let allowance = (self.allowance_bps / BASIS_POINTS).min(i128::from(SUM_LIMIT_MINOR));
        Sums {
            authorized: narrow(self.authorized),
            released: narrow(self.released),
            captured: narrow(self.captured),
            capture_failed: narrow(self.capture_failed),
            refunded: narrow(self.refunded),
            disputed: narrow(self.disputed),
            capture_pending: narrow(self.capture_pending),
            refund_pending: narrow(self.refund_pending),
            release_pending: narrow(self.release_pending),
            overcapture_allowance: narrow(allowance),
        }
    }
}
