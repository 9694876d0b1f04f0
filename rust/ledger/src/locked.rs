//! Builds the payments of a batch from what `lock.sql` and `read.sql` returned.

use std::collections::HashMap;

use payflow_lifecycle::{
    Change, Currency, Dispute, DisputeStage, DisputeStatus, Event, Fingerprint, Money, Operation, Parked,
    Payment, Seen, Sums,
};

use crate::columns::{Column, MalformedColumn};

/// Columns of `lock.sql`, in its order.
pub const LOCK_COLUMNS: [&str; 17] = [
    "payment_id",
    "merchant_id",
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
    "status",
    "dispute_status",
    "version",
];

/// Columns of `read.sql`, in its order: 9 of operations, 4 of seen events, 16 of parked facts.
pub const READ_COLUMNS: [&str; 29] = [
    "operation_payment_id",
    "operation_source",
    "operation_kind",
    "operation_id",
    "operation_parent_id",
    "operation_rank",
    "operation_amount_minor",
    "operation_occurred_at",
    "operation_reason",
    "seen_payment_id",
    "seen_source",
    "seen_event_id",
    "seen_fingerprint",
    "parked_payment_id",
    "parked_source",
    "parked_event_id",
    "parked_kind",
    "parked_operation_id",
    "parked_parent_id",
    "parked_merchant_id",
    "parked_amount_minor",
    "parked_currency",
    "parked_exponent",
    "parked_occurred_at",
    "parked_reason",
    "parked_dispute_stage",
    "parked_dispute_status",
    "parked_correlation_id",
    "parked_fingerprint",
];

type Places<'a> = HashMap<&'a str, usize>;

/// The payments `ids`, in that order; those that PostgreSQL doesn't have come back new.
///
/// `lock` and `read` hold the columns of the two statements, in the order of [`LOCK_COLUMNS`] and [`READ_COLUMNS`].
pub fn payments(
    ids: &[&str],
    lock: &[Option<&[u8]>],
    read: &[Option<&[u8]>],
) -> Result<Vec<Payment>, MalformedColumn> {
    let mut payments: Vec<Payment> = ids
        .iter()
        .map(|id| Payment { payment_id: (*id).into(), change: Change::Inserted, ..Payment::default() })
        .collect();
    let places: Places<'_> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    let mut lock = open(&LOCK_COLUMNS, lock)?;
    read_payments(&mut lock, &places, &mut payments)?;
    let mut read = open(&READ_COLUMNS, read)?;
    let (operations, rest) = read.split_at_mut(9);
    let (seen, parked) = rest.split_at_mut(4);
    read_operations(operations, &places, &mut payments)?;
    read_seen(seen, &places, &mut payments)?;
    read_parked(parked, &places, &mut payments)?;
    Ok(payments)
}

fn open<'a>(names: &[&'static str], bytes: &[Option<&'a [u8]>]) -> Result<Vec<Column<'a>>, MalformedColumn> {
    if names.len() != bytes.len() {
        let fault = format!("{} columns came, expected {}", bytes.len(), names.len());
        return Err(MalformedColumn { column: names[0], fault });
    }
    names.iter().zip(bytes).map(|(name, bytes)| Column::open(name, *bytes)).collect()
}

/// The payment that the next row belongs to.
fn owner<'p>(
    column: &mut Column<'_>,
    name: &'static str,
    places: &Places<'_>,
    payments: &'p mut [Payment],
) -> Result<&'p mut Payment, MalformedColumn> {
    let id = column.text_set()?;
    let place = places.get(id).ok_or_else(|| MalformedColumn {
        column: name,
        fault: format!("row of payment {id:?}, which was not asked for"),
    })?;
    Ok(&mut payments[*place])
}

fn read_payments(
    columns: &mut [Column<'_>],
    places: &Places<'_>,
    payments: &mut [Payment],
) -> Result<(), MalformedColumn> {
    for _ in 0..columns[0].rows() {
        let payment = owner(&mut columns[0], "payment_id", places, payments)?;
        payment.change = Change::None;
        payment.merchant_id = columns[1].text()?.unwrap_or_default().into();
        payment.currency = columns[2].text()?.map(|code| currency(code, "currency")).transpose()?;
        payment.exponent = columns[3].integer_set()? as u8;
        payment.sums = Sums {
            authorized: columns[4].integer_set()?,
            released: columns[5].integer_set()?,
            captured: columns[6].integer_set()?,
            capture_failed: columns[7].integer_set()?,
            refunded: columns[8].integer_set()?,
            disputed: columns[9].integer_set()?,
            capture_pending: columns[10].integer_set()?,
            refund_pending: columns[11].integer_set()?,
            release_pending: columns[12].integer_set()?,
            overcapture_allowance: columns[13].integer_set()?,
        };
        payment.status = columns[14].named()?;
        payment.dispute_state = columns[15].named()?;
        payment.version = columns[16].integer_set()?;
    }
    Ok(())
}

fn read_operations(
    columns: &mut [Column<'_>],
    places: &Places<'_>,
    payments: &mut [Payment],
) -> Result<(), MalformedColumn> {
    for _ in 0..columns[0].rows() {
        let payment = owner(&mut columns[0], "operation_payment_id", places, payments)?;
        payment.operations.push(Operation {
            source: columns[1].text_set()?.into(),
            kind: columns[2].named()?,
            operation_id: columns[3].text_set()?.into(),
            parent_id: columns[4].text()?.map(Into::into),
            rank: columns[5].integer_set()? as i32,
            amount_minor: columns[6].integer_set()?,
            occurred_at_us: columns[7].instant_us()?,
            reason: columns[8].text()?.map(Into::into),
            change: Change::None,
        });
    }
    Ok(())
}

fn read_seen(
    columns: &mut [Column<'_>],
    places: &Places<'_>,
    payments: &mut [Payment],
) -> Result<(), MalformedColumn> {
    for _ in 0..columns[0].rows() {
        let payment = owner(&mut columns[0], "seen_payment_id", places, payments)?;
        payment.seen.push(Seen {
            source: columns[1].text_set()?.into(),
            event_id: columns[2].text_set()?.into(),
            fingerprint: Fingerprint(columns[3].uuid()?),
        });
    }
    Ok(())
}

fn read_parked(
    columns: &mut [Column<'_>],
    places: &Places<'_>,
    payments: &mut [Payment],
) -> Result<(), MalformedColumn> {
    for _ in 0..columns[0].rows() {
        let payment = owner(&mut columns[0], "parked_payment_id", places, payments)?;
        let event = parked_event(&payment.payment_id, columns)?;
        payment.parked.push(Parked { event, change: Change::None });
    }
    Ok(())
}

fn parked_event(payment_id: &str, columns: &mut [Column<'_>]) -> Result<Event, MalformedColumn> {
    let source = columns[1].text_set()?.into();
    let event_id = columns[2].text_set()?.into();
    let kind = columns[3].named()?;
    let operation_id = columns[4].text_set()?.into();
    let parent_id = columns[5].text()?.map(Into::into);
    let merchant_id = columns[6].text_set()?.into();
    let amount = columns[7].integer()?;
    let code = columns[8].text()?.map(|code| currency(code, "parked_currency")).transpose()?;
    let exponent = columns[9].integer()?;
    let occurred_at_us = columns[10].instant_us()?;
    let reason = columns[11].text()?.map(Into::into);
    let stage: Option<DisputeStage> = columns[12].text()?.and_then(|name| name.parse().ok());
    let status: Option<DisputeStatus> = columns[13].text()?.and_then(|name| name.parse().ok());
    let correlation_id = columns[14].text_set()?.into();
    let fingerprint = Fingerprint(columns[15].uuid()?);
    let money = match (amount, code, exponent) {
        (Some(amount_minor), Some(currency), Some(exponent)) => {
            Some(Money { amount_minor, currency, exponent: exponent as u8 })
        }
        _ => None,
    };
    Ok(Event {
        source,
        event_id,
        kind,
        payment_id: payment_id.into(),
        operation_id,
        parent_id,
        merchant_id,
        money,
        occurred_at_us,
        reason,
        dispute: stage.zip(status).map(|(stage, status)| Dispute { stage, status }),
        correlation_id,
        fingerprint,
    })
}

fn currency(code: &str, column: &'static str) -> Result<Currency, MalformedColumn> {
    code.as_bytes()
        .try_into()
        .map(Currency)
        .map_err(|_| MalformedColumn { column, fault: format!("currency {code:?} is not three letters") })
}
