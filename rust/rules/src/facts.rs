//! What a condition can see: one event, its payment before and after, and the verdict on it.

/// The variable `event`. Text that the event does not carry reads as `""`, numbers as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct EventFacts<'a> {
    pub id: &'a str,
    pub source: &'a str,
    /// `event.type`, such as `capture.succeeded`.
    pub type_: &'a str,
    pub payment_id: &'a str,
    pub operation_id: &'a str,
    pub merchant_id: &'a str,
    pub parent_id: Option<&'a str>,
    /// Minor units of `currency`.
    pub amount_minor: Option<i64>,
    pub currency: Option<&'a str>,
    /// Decimal places of the minor unit.
    pub exponent: Option<u8>,
    /// Microseconds since 1970-01-01 UTC; `event.occurred_at` is a timestamp.
    pub occurred_at_us: i64,
    pub reason: Option<&'a str>,
    pub dispute_stage: Option<&'a str>,
    pub dispute_status: Option<&'a str>,
}

/// The variables `payment` (after the event) and `before`. Amounts are minor units of `currency`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PaymentFacts<'a> {
    pub merchant_id: &'a str,
    pub currency: &'a str,
    pub exponent: u8,
    pub authorized_minor: i64,
    pub released_minor: i64,
    pub captured_minor: i64,
    pub capture_failed_minor: i64,
    pub refunded_minor: i64,
    pub disputed_minor: i64,
    pub capture_pending_minor: i64,
    pub refund_pending_minor: i64,
    pub release_pending_minor: i64,
    pub capturable_minor: i64,
    pub refundable_minor: i64,
    pub over_returned_minor: i64,
    pub status: &'a str,
    pub dispute_status: &'a str,
    pub version: i64,
}

/// All that one evaluation can see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The event delivered.
    pub event: EventFacts<'a>,
    /// `None` where the payment did not exist: every field of `before` then reads as `""` or 0.
    pub before: Option<PaymentFacts<'a>>,
    /// The payment after the event.
    pub payment: PaymentFacts<'a>,
    /// The class of the delivery, such as `conflict`.
    pub verdict: &'a str,
    /// Why the verdict is what it is; `""` where it needs no reason.
    pub reason: &'a str,
}
