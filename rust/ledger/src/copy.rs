//! Writes rows in PostgreSQL's binary COPY format (documentation of COPY, "Binary Format"): for filling empty books in
//! bulk, where the statement of a batch would look every row up that it has just written.
//!
//! The order of columns is that of the `*_COPY_COLUMNS`.

use std::collections::HashMap;

use payflow_lifecycle::{Change, Event, Operation, Payment, rank_name};

use crate::columns::POSTGRES_EPOCH_US;
use crate::write_set::{AlertRow, Decided, TrailEntry};

/// Columns of `payment_transactions`.
pub const PAYMENT_COPY_COLUMNS: [&str; 22] = [
    "payment_id",
    "merchant_id",
    "source",
    "currency",
    "exponent",
    "authorized_minor",
    "released_minor",
    "captured_minor",
    "capture_failed_minor",
    "refunded_minor",
    "disputed_minor",
    "capture_pending_minor",
    "refund_pending_minor",
    "release_pending_minor",
    "overcapture_allowance_minor",
    "amount_minor",
    "status",
    "dispute_status",
    "version",
    "metadata",
    "created_at",
    "updated_at",
];

/// Columns of `payment_operations`.
pub const OPERATION_COPY_COLUMNS: [&str; 11] = [
    "payment_id",
    "source",
    "kind",
    "operation_id",
    "parent_id",
    "rank",
    "state",
    "amount_minor",
    "reason",
    "occurred_at",
    "recorded_at",
];

/// Columns of `audit_logs`.
pub const TRAIL_COPY_COLUMNS: [&str; 17] = [
    "audit_id",
    "payment_id",
    "source",
    "event_id",
    "occurrence",
    "action",
    "verdict",
    "reason",
    "from_status",
    "to_status",
    "version",
    "fingerprint",
    "actor",
    "correlation_id",
    "occurred_at",
    "recorded_at",
    "payload",
];

/// Columns of `parked_events`.
pub const PARKED_COPY_COLUMNS: [&str; 19] = [
    "payment_id",
    "source",
    "event_id",
    "kind",
    "operation_id",
    "parent_id",
    "merchant_id",
    "amount_minor",
    "currency",
    "exponent",
    "occurred_at",
    "reason",
    "dispute_stage",
    "dispute_status",
    "correlation_id",
    "fingerprint",
    "waits_for",
    "parked_at",
    "deadline_at",
];

/// Columns of `alerts`.
pub const ALERT_COPY_COLUMNS: [&str; 11] = [
    "rule_id",
    "severity",
    "payment_id",
    "merchant_id",
    "source",
    "event_id",
    "fingerprint",
    "verdict",
    "reason",
    "correlation_id",
    "created_at",
];

/// One table's rows on their way out.
pub struct CopyRows {
    bytes: Vec<u8>,
    fields: i16,
    rows: usize,
}

impl CopyRows {
    fn begin(fields: usize, rows: usize, width: usize) -> Self {
        let mut bytes = Vec::with_capacity(32 + rows * width);
        bytes.extend_from_slice(b"PGCOPY\n\xff\r\n\0");
        bytes.extend_from_slice(&[0; 8]); // no flags, no header extension
        Self { bytes, fields: fields as i16, rows: 0 }
    }

    fn row(&mut self) {
        self.rows += 1;
        self.bytes.extend_from_slice(&self.fields.to_be_bytes());
    }

    fn field(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(&(value.len() as i32).to_be_bytes());
        self.bytes.extend_from_slice(value);
    }

    fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1i32).to_be_bytes());
    }

    fn text(&mut self, value: &str) {
        self.field(value.as_bytes());
    }

    fn text_or_null(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    fn bigint(&mut self, value: i64) {
        self.field(&value.to_be_bytes());
    }

    fn integer(&mut self, value: i32) {
        self.field(&value.to_be_bytes());
    }

    fn smallint(&mut self, value: i16) {
        self.field(&value.to_be_bytes());
    }

    fn instant(&mut self, unix_us: i64) {
        self.bigint(unix_us - POSTGRES_EPOCH_US);
    }

    /// How many rows were written.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The finished stream, or nothing where there is no row.
    pub fn finish(mut self) -> Vec<u8> {
        if self.rows == 0 {
            return Vec::new();
        }
        self.bytes.extend_from_slice(&(-1i16).to_be_bytes());
        self.bytes
    }
}

/// When a payment was created and last changed, in microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub struct Lifetime {
    /// The first row of its trail.
    pub created_us: i64,
    /// The last row that changed it.
    pub updated_us: i64,
}

/// Payments that were never stored.
pub fn payment_rows(payments: &[(Decided<'_>, Lifetime)]) -> CopyRows {
    let mut out = CopyRows::begin(PAYMENT_COPY_COLUMNS.len(), payments.len(), 360);
    for (decided, lifetime) in payments {
        let payment = decided.payment;
        let sums = payment.sums;
        out.row();
        out.text(&payment.payment_id);
        out.text_or_null((!payment.merchant_id.is_empty()).then_some(&*payment.merchant_id));
        out.text_or_null(decided.creation.map(|creation| creation.source));
        out.text_or_null(payment.currency.as_ref().map(payflow_lifecycle::Currency::as_str));
        out.smallint(i16::from(payment.exponent));
        for sum in [
            sums.authorized,
            sums.released,
            sums.captured,
            sums.capture_failed,
            sums.refunded,
            sums.disputed,
            sums.capture_pending,
            sums.refund_pending,
            sums.release_pending,
            sums.overcapture_allowance,
            payment.amount_minor(),
        ] {
            out.bigint(sum);
        }
        out.text(payment.status.as_str());
        out.text(payment.dispute_state.as_str());
        out.bigint(payment.version);
        out.text_or_null(decided.creation.and_then(|creation| creation.metadata));
        out.instant(lifetime.created_us);
        out.instant(lifetime.updated_us);
    }
    out
}

/// Their operations; each counts as recorded when it happened.
pub fn operation_rows<'a>(payments: impl Iterator<Item = &'a Payment>) -> CopyRows {
    let operations: Vec<(&Payment, &Operation)> = payments
        .flat_map(|payment| payment.operations.iter().map(move |operation| (payment, operation)))
        .collect();
    let mut out = CopyRows::begin(OPERATION_COPY_COLUMNS.len(), operations.len(), 190);
    for (payment, operation) in operations {
        out.row();
        out.text(&payment.payment_id);
        out.text(&operation.source);
        out.text(operation.kind.as_str());
        out.text(&operation.operation_id);
        out.text_or_null(operation.parent_id.as_deref());
        out.integer(operation.rank);
        out.text(&rank_name(operation.kind, operation.rank));
        out.bigint(operation.amount_minor);
        out.text_or_null(operation.reason.as_deref());
        out.instant(operation.occurred_at_us);
        out.instant(operation.occurred_at_us);
    }
    out
}

/// The trail, in order; `rows[i]` has its payload, if it keeps one, and when it was recorded.
pub fn trail_rows(
    trail: &[TrailEntry<'_>],
    rows: &[(Option<&[u8]>, i64)],
    actor: &str,
    first_audit_id: i64,
) -> CopyRows {
    let mut out = CopyRows::begin(TRAIL_COPY_COLUMNS.len(), trail.len(), 700);
    for (audit_id, (entry, (payload, recorded_us))) in (first_audit_id..).zip(trail.iter().zip(rows)) {
        let event = entry.event;
        out.row();
        out.bigint(audit_id);
        out.text(&event.payment_id);
        out.text(&event.source);
        out.text(&event.event_id);
        out.bigint(if entry.first { 0 } else { audit_id });
        out.text(event.kind.as_str());
        out.text(entry.verdict);
        out.text(entry.reason);
        out.text_or_null(
            entry.transition.and_then(|transition| transition.from).map(payflow_lifecycle::Status::as_str),
        );
        out.text_or_null(entry.transition.map(|transition| transition.to.as_str()));
        match entry.transition {
            Some(transition) => out.bigint(transition.version),
            None => out.null(),
        }
        out.field(&event.fingerprint.0);
        out.text(actor);
        out.text(&event.correlation_id);
        out.instant(event.occurred_at_us);
        out.instant(*recorded_us);
        match payload {
            Some(payload) => out.field(payload),
            None => out.null(),
        }
    }
    out
}

/// Facts that wait: what each waits for stands on the first sight of its event, and so does when it was parked.
pub fn parked_rows<'a>(
    payments: impl Iterator<Item = &'a Payment>,
    trail: &[TrailEntry<'_>],
    rows: &[(Option<&[u8]>, i64)],
    deadline_us: impl Fn(&Event, i64) -> i64,
) -> CopyRows {
    let waiting: Vec<&Event> = payments
        .flat_map(|payment| payment.parked.iter())
        .filter(|parked| parked.change != Change::Removed)
        .map(|parked| &parked.event)
        .collect();
    let name = |event: &'a Event| (&*event.payment_id, &*event.source, &*event.event_id);
    let firsts: HashMap<(&str, &str, &str), (&str, i64)> = trail
        .iter()
        .zip(rows)
        .filter(|(entry, _)| entry.first && !waiting.is_empty())
        .map(|(entry, (_, recorded_us))| {
            let event = entry.event;
            ((&*event.payment_id, &*event.source, &*event.event_id), (entry.reason, *recorded_us))
        })
        .collect();
    let mut out = CopyRows::begin(PARKED_COPY_COLUMNS.len(), waiting.len(), 300);
    for event in waiting {
        let (waits_for, parked_us) =
            firsts.get(&name(event)).copied().unwrap_or(("prerequisite", event.occurred_at_us));
        out.row();
        out.text(&event.payment_id);
        out.text(&event.source);
        out.text(&event.event_id);
        out.text(event.kind.as_str());
        out.text(&event.operation_id);
        out.text_or_null(event.parent_id.as_deref());
        out.text(&event.merchant_id);
        match event.money {
            Some(money) => {
                out.bigint(money.amount_minor);
                out.text(money.currency.as_str());
                out.smallint(i16::from(money.exponent));
            }
            None => (0..3).for_each(|_| out.null()),
        }
        out.instant(event.occurred_at_us);
        out.text_or_null(event.reason.as_deref());
        out.text_or_null(event.dispute.map(|dispute| dispute.stage.as_str()));
        out.text_or_null(event.dispute.map(|dispute| dispute.status.as_str()));
        out.text(&event.correlation_id);
        out.field(&event.fingerprint.0);
        out.text(waits_for);
        out.instant(parked_us);
        out.instant(deadline_us(event, parked_us));
    }
    out
}

/// Alerts, each with when it was raised; one that its key has already is left out, as the database would.
pub fn alert_rows(alerts: &[(AlertRow<'_>, i64)]) -> CopyRows {
    let mut told = std::collections::HashSet::new();
    let mut out = CopyRows::begin(ALERT_COPY_COLUMNS.len(), alerts.len(), 240);
    for (alert, created_us) in alerts {
        let event = alert.event;
        let key = (&event.payment_id, &event.source, &event.event_id, event.fingerprint.0, alert.rule_id);
        if !told.insert(key) {
            continue;
        }
        out.row();
        out.bigint(alert.rule_id);
        out.text(alert.severity);
        out.text(&event.payment_id);
        out.text(&event.merchant_id);
        out.text(&event.source);
        out.text(&event.event_id);
        out.field(&event.fingerprint.0);
        out.text(alert.verdict);
        out.text(alert.reason);
        out.text(&event.correlation_id);
        out.instant(*created_us);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_its_signature_its_fields_and_its_end() {
        let mut out = CopyRows::begin(3, 1, 16);
        out.row();
        out.text("ab");
        out.null();
        out.smallint(7);
        let mut expected = b"PGCOPY\n\xff\r\n\0".to_vec();
        expected.extend_from_slice(&[0; 8]);
        expected.extend_from_slice(&[0, 3, 0, 0, 0, 2, b'a', b'b', 255, 255, 255, 255, 0, 0, 0, 2, 0, 7]);
        expected.extend_from_slice(&[255, 255]);
        assert_eq!(out.rows(), 1);
        assert_eq!(out.finish(), expected);
    }

    #[test]
    fn no_rows_are_no_stream() {
        assert!(CopyRows::begin(3, 0, 16).finish().is_empty());
    }
}
