//! A payment as the machine holds it between the lock and the write: its sums, its operations, what waits, what was seen.

use crate::event::{Currency, Event, Fingerprint};
use crate::slug::slugs;

/// What a row has to become in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Change {
    /// As stored.
    #[default]
    None,
    /// Not stored yet.
    Inserted,
    /// Stored, with other values.
    Updated,
    /// Stored, to be removed (parked facts only).
    Removed,
}

/// Sums over operations, in minor units of the payment's currency (PAYMENTS 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Sums {
    /// `A`: succeeded authorizations and upward adjustments.
    pub authorized: i64,
    /// `R`: releases and downward adjustments.
    pub released: i64,
    /// `C`: captures that succeeded and did not fail.
    pub captured: i64,
    /// `X`: failed captures, whenever they failed.
    pub capture_failed: i64,
    /// `F`: refunds that succeeded and did not fail.
    pub refunded: i64,
    /// `D`: dispute money withdrawn less reinstated.
    pub disputed: i64,
    /// `Cp`: captures requested, pending or unknown.
    pub capture_pending: i64,
    /// `Fp`: refunds requested, pending or unknown.
    pub refund_pending: i64,
    /// `Rp`: releases requested, pending or unknown.
    pub release_pending: i64,
    /// How far captures may exceed `A`, as the source declares it.
    pub overcapture_allowance: i64,
}

/// Derived, never written by an event (PAYMENTS 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Status {
    #[default]
    Created,
    Pending,
    RequiresAction,
    Authorized,
    PartiallyCaptured,
    Captured,
    PartiallyRefunded,
    Refunded,
    Voided,
    Expired,
    Failed,
}

slugs!(Status {
    Created => "created",
    Pending => "pending",
    RequiresAction => "requires_action",
    Authorized => "authorized",
    PartiallyCaptured => "partially_captured",
    Captured => "captured",
    PartiallyRefunded => "partially_refunded",
    Refunded => "refunded",
    Voided => "voided",
    Expired => "expired",
    Failed => "failed",
});

/// The dispute region, orthogonal to the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum DisputeState {
    #[default]
    None,
    Inquiry,
    Open,
    UnderReview,
    Won,
    Lost,
}

slugs!(DisputeState {
    None => "none",
    Inquiry => "inquiry",
    Open => "open",
    UnderReview => "under_review",
    Won => "won",
    Lost => "lost",
});

/// What an operation is; with its source and id it is unique within the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum OperationKind {
    Authorization,
    /// New total of an authorization; keyed by the event that stated it, parent = the authorization.
    Adjustment,
    Release,
    Capture,
    Refund,
    /// A dispute case; its `rank` packs the stage, the status and the end of each stage.
    Dispute,
    DisputeWithdrawal,
    DisputeReinstatement,
    /// What a payment was created for, before anything was attempted.
    Intent,
    /// The end of attempts of which none has succeeded; moves no money.
    Cancellation,
}

slugs!(OperationKind {
    Authorization => "authorization",
    Adjustment => "adjustment",
    Release => "release",
    Capture => "capture",
    Refund => "refund",
    Dispute => "dispute",
    DisputeWithdrawal => "dispute_withdrawal",
    DisputeReinstatement => "dispute_reinstatement",
    Intent => "intent",
    Cancellation => "cancellation",
});

/// One child operation: a small join-lattice, of which only `rank` ever climbs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Operation {
    pub source: Box<str>,
    pub kind: OperationKind,
    pub operation_id: Box<str>,
    pub parent_id: Option<Box<str>>,
    /// Position in the kind's lattice; `lattice` gives each rank its name.
    pub rank: i32,
    /// 0 where the kind carries no money.
    pub amount_minor: i64,
    pub occurred_at_us: i64,
    pub reason: Option<Box<str>>,
    pub change: Change,
}

/// A fact that came too early, kept until what it needs has come.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Parked {
    pub event: Event,
    pub change: Change,
}

/// An event that the audit trail already has for this payment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Seen {
    pub source: Box<str>,
    pub event_id: Box<str>,
    pub fingerprint: Fingerprint,
}

/// A payment under lock.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Payment {
    pub payment_id: Box<str>,
    /// Empty until the payment is created.
    pub merchant_id: Box<str>,
    /// `None` until the payment is created: a parked fact alone does not fix a currency.
    pub currency: Option<Currency>,
    pub exponent: u8,
    pub sums: Sums,
    pub status: Status,
    pub dispute_state: DisputeState,
    /// Grows by one with each fact that changed the payment.
    pub version: i64,
    pub operations: Vec<Operation>,
    pub parked: Vec<Parked>,
    pub seen: Vec<Seen>,
    pub change: Change,
}

impl Payment {
    /// A payment that has no row yet: an anchor for facts, created only once an authorization or a sale arrives.
    pub fn new(payment_id: &str) -> Self {
        Self { payment_id: payment_id.into(), change: Change::Inserted, ..Self::default() }
    }

    /// Whether an event that creates payments has fixed the merchant and the currency.
    pub const fn is_created(&self) -> bool {
        self.currency.is_some()
    }

    /// What the payment is about: `A`, else the largest amount that was attempted, else what it was created for.
    ///
    /// Like the sums, a function of the operations alone.
    pub fn amount_minor(&self) -> i64 {
        if self.sums.authorized > 0 {
            return self.sums.authorized;
        }
        let largest = |kind| {
            self.operations
                .iter()
                .filter(|operation| operation.kind == kind)
                .map(|operation| operation.amount_minor)
                .max()
        };
        largest(OperationKind::Authorization).or_else(|| largest(OperationKind::Intent)).unwrap_or(0)
    }

    pub(crate) fn position(&self, source: &str, kind: OperationKind, operation_id: &str) -> Option<usize> {
        self.operations.iter().position(|operation| {
            operation.kind == kind && *operation.operation_id == *operation_id && *operation.source == *source
        })
    }
}

impl Change {
    /// What a row has to become once it was altered in memory.
    pub(crate) const fn altered(self) -> Self {
        match self {
            Self::None => Self::Updated,
            other => other,
        }
    }
}
