//! The payment machine without a database: what one batch left becomes what the next one finds under lock.
//!
//! The properties in `tests/unit/lifecycle` use it, and `payflow seed`, whose payments are in no database yet; the
//! ledger goes through PostgreSQL.

use std::collections::HashMap;

use payflow_lifecycle::{Change, Event, Payment};

/// Every payment of the batches before and of this one, and where each event's payment stands.
///
/// A payment is taken over as if it had been written and read again: nothing on it waits to be written.
pub fn carried<'e>(
    before: &'e [Payment],
    events: impl Iterator<Item = Option<&'e Event>>,
) -> (Vec<Payment>, Vec<Option<usize>>) {
    let mut payments: Vec<Payment> = before.iter().map(stored).collect();
    let mut known: HashMap<&str, usize> =
        before.iter().enumerate().map(|(place, payment)| (&*payment.payment_id, place)).collect();
    let places = events
        .map(|event| {
            let payment_id = &*event?.payment_id;
            Some(*known.entry(payment_id).or_insert_with(|| {
                payments.push(Payment::new(payment_id));
                payments.len() - 1
            }))
        })
        .collect();
    (payments, places)
}

fn stored(payment: &Payment) -> Payment {
    let mut payment = payment.clone();
    payment.change = Change::None;
    payment.parked.retain(|parked| parked.change != Change::Removed);
    payment.parked.iter_mut().for_each(|parked| parked.change = Change::None);
    payment.operations.iter_mut().for_each(|operation| operation.change = Change::None);
    payment
}

/// (payment id, its sums in the order of `payment_transactions`, status, dispute status, version, facts that wait).
pub type Standing<'a> = (&'a str, [i64; 10], &'static str, &'static str, i64, usize);

/// How a payment stands after its batch.
pub fn standing(payment: &Payment) -> Standing<'_> {
    let sums = payment.sums;
    (
        &payment.payment_id,
        [
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
        ],
        payment.status.as_str(),
        payment.dispute_state.as_str(),
        payment.version,
        payment.parked.iter().filter(|parked| parked.change != Change::Removed).count(),
    )
}
