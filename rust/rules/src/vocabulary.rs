//! The words that closed text fields hold. A condition that compares with any other word could never match.

/// `event.type`, as EVENTS.md lists them.
pub const EVENT_TYPES: [&str; 34] = [
    "authorization.requested",
    "authorization.pending",
    "authorization.unknown",
    "authorization.succeeded",
    "authorization.failed",
    "authorization.adjusted",
    "authorization.released",
    "sale.succeeded",
    "capture.pending",
    "capture.succeeded",
    "capture.failed",
    "refund.pending",
    "refund.succeeded",
    "refund.failed",
    "dispute.inquiry",
    "dispute.opened",
    "dispute.updated",
    "dispute.closed",
    "dispute.funds_withdrawn",
    "dispute.funds_reinstated",
    "payment.created",
    "capture.requested",
    "capture.unknown",
    "refund.requested",
    "refund.unknown",
    "release.requested",
    "release.pending",
    "release.unknown",
    "release.failed",
    "cancellation.requested",
    "cancellation.pending",
    "cancellation.unknown",
    "cancellation.succeeded",
    "cancellation.failed",
];

/// `verdict`: the class of a delivery; `orphaned` is a fact that waited in vain for another one.
pub const VERDICTS: [&str; 8] =
    ["apply", "duplicate", "conflict", "impossible", "stale", "premature", "malformed", "orphaned"];

/// `payment.status` and `before.status`.
pub const PAYMENT_STATUSES: [&str; 11] = [
    "created",
    "pending",
    "requires_action",
    "authorized",
    "partially_captured",
    "captured",
    "partially_refunded",
    "refunded",
    "voided",
    "expired",
    "failed",
];

/// `payment.dispute_status` and `before.dispute_status`.
pub const DISPUTE_STATES: [&str; 6] = ["none", "inquiry", "open", "under_review", "won", "lost"];

/// `event.dispute_stage`.
pub const DISPUTE_STAGES: [&str; 4] = ["inquiry", "chargeback", "pre_arbitration", "arbitration"];

/// `event.dispute_status`.
pub const DISPUTE_STATUSES: [&str; 7] =
    ["opened", "under_review", "won", "lost", "accepted", "expired", "withdrawn"];
