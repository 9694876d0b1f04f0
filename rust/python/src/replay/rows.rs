//! Reads what `trail.sql` and `books.sql` returned, row by row and without judging it: a tampered value has to come
//! through, so that it can be named.

use std::collections::BTreeMap;

use payflow_ledger::MalformedColumn;
use payflow_ledger::columns::Column;
use payflow_lifecycle::{Operation, Sums};

/// Columns of `trail.sql`, in its order, ahead of the payload.
pub const TRAIL_COLUMNS: [&str; 13] = [
    "payment_id",
    "audit_id",
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
    "has_payload",
];

/// Columns of `books.sql`, in its order: 20 of payments, 10 of operations, 10 of parked facts.
pub const BOOKS_COLUMNS: [&str; 40] = [
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
    "operation_payment_id",
    "operation_source",
    "operation_kind",
    "operation_id",
    "operation_parent_id",
    "operation_rank",
    "operation_state",
    "operation_amount_minor",
    "operation_occurred_at",
    "operation_reason",
    "parked_payment_id",
    "parked_source",
    "parked_event_id",
    "parked_kind",
    "parked_operation_id",
    "parked_parent_id",
    "parked_merchant_id",
    "parked_amount_minor",
    "parked_currency",
    "parked_waits_for",
];

/// One row of the trail.
pub struct TrailRow<'a> {
    pub audit_id: i64,
    pub source: &'a str,
    pub event_id: &'a str,
    /// Whether it is the first sight of its event.
    pub first: bool,
    pub action: &'a str,
    pub verdict: &'a str,
    pub reason: &'a str,
    pub from_status: Option<&'a str>,
    pub to_status: Option<&'a str>,
    pub version: Option<i64>,
    pub fingerprint: Option<&'a [u8]>,
    pub has_payload: bool,
    /// Where its decoded payload stands among the events.
    pub event: Option<usize>,
    /// Why its payload could not be decoded.
    pub unreadable: Option<&'a str>,
}

/// A payment's row.
pub struct PaymentRow<'a> {
    pub merchant_id: Option<&'a str>,
    pub source: Option<&'a str>,
    pub currency: Option<&'a str>,
    pub exponent: i64,
    pub sums: Sums,
    pub amount_minor: i64,
    pub status: &'a str,
    pub dispute_status: &'a str,
    pub version: i64,
    pub metadata: Option<&'a str>,
}

/// An operation's row.
pub struct OperationRow<'a> {
    pub source: &'a str,
    pub kind: &'a str,
    pub operation_id: &'a str,
    pub parent_id: Option<&'a str>,
    pub rank: i64,
    pub state: &'a str,
    pub amount_minor: i64,
    pub occurred_at_us: i64,
    pub reason: Option<&'a str>,
}

impl OperationRow<'_> {
    /// The operation as the machine holds it; `None` if the row names no kind that the machine knows.
    pub fn operation(&self) -> Option<Operation> {
        Some(Operation {
            source: self.source.into(),
            kind: self.kind.parse().ok()?,
            operation_id: self.operation_id.into(),
            parent_id: self.parent_id.map(Into::into),
            rank: self.rank as i32,
            amount_minor: self.amount_minor,
            occurred_at_us: self.occurred_at_us,
            reason: self.reason.map(Into::into),
            change: payflow_lifecycle::Change::None,
        })
    }
}

/// A parked fact's row.
pub struct ParkedRow<'a> {
    pub source: &'a str,
    pub event_id: &'a str,
    pub kind: &'a str,
    pub operation_id: &'a str,
    pub parent_id: Option<&'a str>,
    pub merchant_id: &'a str,
    pub amount_minor: Option<i64>,
    pub currency: Option<&'a str>,
    pub waits_for: &'a str,
}

/// All that the database has of one payment.
#[derive(Default)]
pub struct Case<'a> {
    pub trail: Vec<TrailRow<'a>>,
    pub payment: Option<PaymentRow<'a>>,
    pub operations: Vec<OperationRow<'a>>,
    pub parked: Vec<ParkedRow<'a>>,
}

/// The cases of one stretch of payment ids.
pub type Cases<'a> = BTreeMap<&'a str, Case<'a>>;

/// What decoding made of the payloads.
pub struct Decoded {
    /// `event_rows[i]` is the row of the trail that event `i` was decoded from, ascending.
    pub event_rows: Vec<usize>,
    /// Why the payloads of other rows are no events, by row.
    pub unreadable: BTreeMap<usize, String>,
}

/// Reads both statements.
pub fn cases<'a>(
    trail: &[Option<&'a [u8]>],
    books: &[Option<&'a [u8]>],
    decoded: &'a Decoded,
) -> Result<Cases<'a>, MalformedColumn> {
    let mut cases = Cases::new();
    read_trail(&mut open(&TRAIL_COLUMNS, trail)?, decoded, &mut cases)?;
    let mut columns = open(&BOOKS_COLUMNS, books)?;
    let (payments, rest) = columns.split_at_mut(20);
    let (operations, parked) = rest.split_at_mut(10);
    read_payments(payments, &mut cases)?;
    read_operations(operations, &mut cases)?;
    read_parked(parked, &mut cases)?;
    Ok(cases)
}

fn open<'a>(names: &[&'static str], bytes: &[Option<&'a [u8]>]) -> Result<Vec<Column<'a>>, MalformedColumn> {
    if names.len() != bytes.len() {
        let fault = format!("{} columns came, expected {}", bytes.len(), names.len());
        return Err(MalformedColumn { column: names[0], fault });
    }
    names.iter().zip(bytes).map(|(name, bytes)| Column::open(name, *bytes)).collect()
}

fn read_trail<'a>(
    columns: &mut [Column<'a>],
    decoded: &'a Decoded,
    cases: &mut Cases<'a>,
) -> Result<(), MalformedColumn> {
    let mut next_event = 0;
    for row in 0..columns[0].rows() {
        let case = cases.entry(columns[0].text_set()?).or_default();
        let event = (decoded.event_rows.get(next_event) == Some(&row)).then_some(next_event);
        next_event += usize::from(event.is_some());
        case.trail.push(TrailRow {
            audit_id: columns[1].integer_set()?,
            source: columns[2].text_set()?,
            event_id: columns[3].text_set()?,
            first: columns[4].integer_set()? == 0,
            action: columns[5].text_set()?,
            verdict: columns[6].text_set()?,
            reason: columns[7].text_set()?,
            from_status: columns[8].text()?,
            to_status: columns[9].text()?,
            version: columns[10].integer()?,
            fingerprint: columns[11].bytes()?,
            has_payload: columns[12].bytes()? == Some(&[1]),
            event,
            unreadable: decoded.unreadable.get(&row).map(String::as_str),
        });
    }
    Ok(())
}

fn read_payments<'a>(columns: &mut [Column<'a>], cases: &mut Cases<'a>) -> Result<(), MalformedColumn> {
    for _ in 0..columns[0].rows() {
        let case = cases.entry(columns[0].text_set()?).or_default();
        case.payment = Some(PaymentRow {
            merchant_id: columns[1].text()?,
            source: columns[2].text()?,
            currency: columns[3].text()?,
            exponent: columns[4].integer_set()?,
            sums: Sums {
                authorized: columns[5].integer_set()?,
                released: columns[6].integer_set()?,
                captured: columns[7].integer_set()?,
                capture_failed: columns[8].integer_set()?,
                refunded: columns[9].integer_set()?,
                disputed: columns[10].integer_set()?,
                capture_pending: columns[11].integer_set()?,
                refund_pending: columns[12].integer_set()?,
                release_pending: columns[13].integer_set()?,
                overcapture_allowance: columns[14].integer_set()?,
            },
            amount_minor: columns[15].integer_set()?,
            status: columns[16].text_set()?,
            dispute_status: columns[17].text_set()?,
            version: columns[18].integer_set()?,
            metadata: columns[19].text()?,
        });
    }
    Ok(())
}

fn read_operations<'a>(columns: &mut [Column<'a>], cases: &mut Cases<'a>) -> Result<(), MalformedColumn> {
    for _ in 0..columns[0].rows() {
        let case = cases.entry(columns[0].text_set()?).or_default();
        case.operations.push(OperationRow {
            source: columns[1].text_set()?,
            kind: columns[2].text_set()?,
            operation_id: columns[3].text_set()?,
            parent_id: columns[4].text()?,
            rank: columns[5].integer_set()?,
            state: columns[6].text_set()?,
            amount_minor: columns[7].integer_set()?,
            occurred_at_us: columns[8].instant_us()?,
            reason: columns[9].text()?,
        });
    }
    Ok(())
}

fn read_parked<'a>(columns: &mut [Column<'a>], cases: &mut Cases<'a>) -> Result<(), MalformedColumn> {
    for _ in 0..columns[0].rows() {
        let case = cases.entry(columns[0].text_set()?).or_default();
        case.parked.push(ParkedRow {
            source: columns[1].text_set()?,
            event_id: columns[2].text_set()?,
            kind: columns[3].text_set()?,
            operation_id: columns[4].text_set()?,
            parent_id: columns[5].text()?,
            merchant_id: columns[6].text_set()?,
            amount_minor: columns[7].integer()?,
            currency: columns[8].text()?,
            waits_for: columns[9].text_set()?,
        });
    }
    Ok(())
}
