//! One payment event, decoded and validated, as the machine sees it.

use crate::slug::slugs;

/// ISO 4217 code in capitals, three ASCII letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(pub [u8; 3]);

impl Currency {
    /// The code as text, such as `EUR`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

/// Integer minor units of one currency. Never a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// 1 to 2^53-1.
    pub amount_minor: i64,
    /// The currency that the amount counts.
    pub currency: Currency,
    /// Decimal places of the minor unit, 0 to 4.
    pub exponent: u8,
}

/// First half of a BLAKE3 hash over the listed fields of an event: tells a duplicate from a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Fingerprint(pub [u8; 16]);

/// The types of EVENTS.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum EventKind {
    AuthorizationRequested,
    AuthorizationPending,
    AuthorizationUnknown,
    AuthorizationSucceeded,
    AuthorizationFailed,
    AuthorizationAdjusted,
    AuthorizationReleased,
    SaleSucceeded,
    CapturePending,
    CaptureSucceeded,
    CaptureFailed,
    RefundPending,
    RefundSucceeded,
    RefundFailed,
    DisputeInquiry,
    DisputeOpened,
    DisputeUpdated,
    DisputeClosed,
    DisputeFundsWithdrawn,
    DisputeFundsReinstated,
    PaymentCreated,
    CaptureRequested,
    CaptureUnknown,
    RefundRequested,
    RefundUnknown,
    ReleaseRequested,
    ReleasePending,
    ReleaseUnknown,
    ReleaseFailed,
    CancellationRequested,
    CancellationPending,
    CancellationUnknown,
    CancellationSucceeded,
    CancellationFailed,
}

slugs!(EventKind {
    AuthorizationRequested => "authorization.requested",
    AuthorizationPending => "authorization.pending",
    AuthorizationUnknown => "authorization.unknown",
    AuthorizationSucceeded => "authorization.succeeded",
    AuthorizationFailed => "authorization.failed",
    AuthorizationAdjusted => "authorization.adjusted",
    AuthorizationReleased => "authorization.released",
    SaleSucceeded => "sale.succeeded",
    CapturePending => "capture.pending",
    CaptureSucceeded => "capture.succeeded",
    CaptureFailed => "capture.failed",
    RefundPending => "refund.pending",
    RefundSucceeded => "refund.succeeded",
    RefundFailed => "refund.failed",
    DisputeInquiry => "dispute.inquiry",
    DisputeOpened => "dispute.opened",
    DisputeUpdated => "dispute.updated",
    DisputeClosed => "dispute.closed",
    DisputeFundsWithdrawn => "dispute.funds_withdrawn",
    DisputeFundsReinstated => "dispute.funds_reinstated",
    PaymentCreated => "payment.created",
    CaptureRequested => "capture.requested",
    CaptureUnknown => "capture.unknown",
    RefundRequested => "refund.requested",
    RefundUnknown => "refund.unknown",
    ReleaseRequested => "release.requested",
    ReleasePending => "release.pending",
    ReleaseUnknown => "release.unknown",
    ReleaseFailed => "release.failed",
    CancellationRequested => "cancellation.requested",
    CancellationPending => "cancellation.pending",
    CancellationUnknown => "cancellation.unknown",
    CancellationSucceeded => "cancellation.succeeded",
    CancellationFailed => "cancellation.failed",
});

impl EventKind {
    /// Whether this kind moves no money by itself: it may come without an amount, and one that it has counts nowhere.
    pub const fn is_moneyless(self) -> bool {
        matches!(
            self,
            Self::DisputeInquiry
                | Self::DisputeOpened
                | Self::DisputeUpdated
                | Self::DisputeClosed
                | Self::CancellationRequested
                | Self::CancellationPending
                | Self::CancellationUnknown
                | Self::CancellationSucceeded
                | Self::CancellationFailed
        )
    }

    /// Whether this kind can create a payment: it says whose it is, and in which currency.
    pub const fn creates(self) -> bool {
        matches!(
            self,
            Self::AuthorizationRequested
                | Self::AuthorizationPending
                | Self::AuthorizationUnknown
                | Self::AuthorizationSucceeded
                | Self::AuthorizationFailed
                | Self::SaleSucceeded
                | Self::PaymentCreated
        )
    }
}

/// How far a dispute has come; a stage is never left backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum DisputeStage {
    Inquiry,
    Chargeback,
    PreArbitration,
    Arbitration,
}

slugs!(DisputeStage {
    Inquiry => "inquiry",
    Chargeback => "chargeback",
    PreArbitration => "pre_arbitration",
    Arbitration => "arbitration",
});

/// Where a dispute stands inside its stage. The last five are ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum DisputeStatus {
    Opened,
    UnderReview,
    Won,
    Lost,
    Accepted,
    Expired,
    Withdrawn,
}

slugs!(DisputeStatus {
    Opened => "opened",
    UnderReview => "under_review",
    Won => "won",
    Lost => "lost",
    Accepted => "accepted",
    Expired => "expired",
    Withdrawn => "withdrawn",
});

/// The `dispute` object of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Dispute {
    pub stage: DisputeStage,
    pub status: DisputeStatus,
}

/// One payment event. `(source, event_id)` names it within its payment for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Event {
    pub source: Box<str>,
    pub event_id: Box<str>,
    pub kind: EventKind,
    pub payment_id: Box<str>,
    pub operation_id: Box<str>,
    pub parent_id: Option<Box<str>>,
    pub merchant_id: Box<str>,
    /// Absent only on kinds that move no money.
    pub money: Option<Money>,
    /// Microseconds since 1970-01-01 UTC.
    pub occurred_at_us: i64,
    pub reason: Option<Box<str>>,
    pub dispute: Option<Dispute>,
    pub correlation_id: Box<str>,
    pub fingerprint: Fingerprint,
}
