//! Tells a duplicate from a conflict.

use crate::encoding::Encoder;

const FINGERPRINT_V1: u8 = 1;

/// Money as the wire has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount<'a> {
    /// Integer minor units.
    pub value: i64,
    /// ISO 4217 code in capitals.
    pub currency: &'a str,
    /// Decimal places of the minor unit.
    pub exponent: u8,
}

/// The `dispute` object as the wire has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute<'a> {
    /// Such as `chargeback`.
    pub stage: &'a str,
    /// Such as `under_review`.
    pub status: &'a str,
    /// Microseconds since 1970-01-01 UTC.
    pub due_at_us: Option<i64>,
}

/// The listed fields of an event, in their canonical order, without `correlation_id` and `metadata`: those may differ
/// between deliveries of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields<'a> {
    /// With source and payment id it names the event.
    pub event_id: &'a str,
    /// The provider that reports.
    pub source: &'a str,
    /// Such as `capture.succeeded`.
    pub event_type: &'a str,
    /// The payment that it is about.
    pub payment_id: &'a str,
    /// The provider's reference for the movement.
    pub operation_id: &'a str,
    /// Whose payment it is.
    pub merchant_id: &'a str,
    /// The operation that this one acts on.
    pub parent_id: Option<&'a str>,
    /// Absent only where no money moves.
    pub amount: Option<Amount<'a>>,
    /// Microseconds since 1970-01-01 UTC, so that the same moment under two offsets is the same event.
    pub occurred_at_us: i64,
    /// Why.
    pub reason: Option<&'a str>,
    /// On disputes only.
    pub dispute: Option<Dispute<'a>>,
}

/// First half of a BLAKE3 hash over the listed fields.
pub fn fingerprint(fields: &Fields<'_>) -> [u8; 16] {
    let mut encoder = Encoder::new(FINGERPRINT_V1);
    encoder.text(fields.event_id);
    encoder.text(fields.source);
    encoder.text(fields.event_type);
    encoder.text(fields.payment_id);
    encoder.text(fields.operation_id);
    encoder.text(fields.merchant_id);
    encoder.option(fields.parent_id, Encoder::text);
    encoder.option(fields.amount, |encoder, amount| {
        encoder.integer(amount.value);
        encoder.text(amount.currency);
        encoder.small(amount.exponent);
    });
    encoder.integer(fields.occurred_at_us);
    encoder.option(fields.reason, Encoder::text);
    encoder.option(fields.dispute, |encoder, dispute| {
        encoder.text(dispute.stage);
        encoder.text(dispute.status);
        encoder.option(dispute.due_at_us, Encoder::integer);
    });
    encoder.finish()
}
