//! Commands on one payment under lock: weighed before they become a fact, and judged as one.

use std::str::FromStr;

use payflow_lifecycle::{
    Change, Command, Currency, Operation, OperationKind, Order, Payment, Refusal, Status, Sums, order,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// (event type, source or None, amount or None) of the fact that a granted command becomes.
pub type Granted = (&'static str, Option<String>, Option<i64>);

/// What weighing came to: what it becomes, or the slug of the reason why it is refused.
pub type Weighed = (Option<Granted>, Option<&'static str>);

/// One operation: (source, kind, operation id, rank, microseconds since the epoch).
type Told = (String, String, String, i32, i64);

/// Weighs a command against a payment.
pub fn weigh(payment: &Payment, command: &str, amount_minor: Option<i64>) -> PyResult<Weighed> {
    let command = named::<Command>(command)?;
    Ok(match order(payment, command, amount_minor) {
        Ok(Order { kind, source, amount_minor }) => {
            (Some((kind.as_str(), source.map(ToOwned::to_owned), amount_minor)), None)
        }
        Err(refusal) => (None, Some(refusal.as_str())),
    })
}

/// Each command, and why it is refused where it is.
pub fn verdicts_on_commands(payment: &Payment) -> Vec<(&'static str, Option<&'static str>)> {
    Command::ALL
        .iter()
        .map(|&command| (command.as_str(), order(payment, command, None).err().map(Refusal::as_str)))
        .collect()
}

/// Each command on a payment as it was read, and why it is refused where it is: for showing, without a lock.
///
/// `sums_minor` are in the order of `payment_transactions`, `operations` those that count for commands.
#[pyfunction]
fn allowed_commands(
    created: bool,
    status: &str,
    sums_minor: [i64; 10],
    operations: Vec<Told>,
) -> PyResult<Vec<(&'static str, Option<&'static str>)>> {
    let [authorized, released, captured, capture_failed, refunded, disputed, ..] = sums_minor;
    let [.., capture_pending, refund_pending, release_pending, overcapture_allowance] = sums_minor;
    let mut payment = Payment::new("");
    // Which currency does not matter here, only whether there is one; XXX is ISO 4217 for none.
    payment.currency = created.then_some(Currency(*b"XXX"));
    payment.status = named::<Status>(status)?;
    payment.sums = Sums {
        authorized,
        released,
        captured,
        capture_failed,
        refunded,
        disputed,
        capture_pending,
        refund_pending,
        release_pending,
        overcapture_allowance,
    };
    for (source, kind, operation_id, rank, occurred_at_us) in operations {
        payment.operations.push(Operation {
            source: source.into(),
            kind: named::<OperationKind>(&kind)?,
            operation_id: operation_id.into(),
            parent_id: None,
            rank,
            amount_minor: 0,
            occurred_at_us,
            reason: None,
            change: Change::None,
        });
    }
    Ok(verdicts_on_commands(&payment))
}

fn named<T: FromStr>(text: &str) -> PyResult<T> {
    text.parse().map_err(|_| PyValueError::new_err(format!("{text:?} is not a name that the machine knows")))
}

/// Adds what this file exports to `payflow._native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(allowed_commands, module)?)
}
