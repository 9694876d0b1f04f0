//! What operators may ask for, and when (PAYMENTS 1.3 and 1.6): commands are refused where facts never are.
//!
//! A command that is granted becomes a fact of its own, such as `refund.requested`: it raises an operation to
//! `requested`, which holds the amount until the provider's facts raise the same operation further. So two commands
//! can never take the same money, however long the provider takes to answer.

use crate::event::EventKind;
use crate::lattice::{authorization, movement};
use crate::payment::{Operation, OperationKind, Payment, Status};
use crate::slug::slugs;

/// What an operator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Command {
    /// Take money that is authorized.
    Capture,
    /// Give back money that is authorized and not captured.
    Void,
    /// Give back money that was captured.
    Refund,
    /// Attempt nothing more, while nothing is authorized.
    Cancel,
}

slugs!(Command {
    Capture => "capture",
    Void => "void",
    Refund => "refund",
    Cancel => "cancel",
});

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Refusal {
    /// Facts wait under this id, but nothing has created the payment.
    NotCreated,
    /// The status allows no such command.
    StatusForbids,
    /// A cancellation was asked for: money may only go back.
    Cancelled,
    /// All that is authorized is captured, given back or held by commands under way.
    NothingCapturable,
    /// All that was captured is refunded, held by refunds under way, or withdrawn by disputes.
    NothingRefundable,
    /// More than what is authorized and neither captured, given back nor held.
    ExceedsCapturable,
    /// More than what is captured and neither refunded, held nor withdrawn by disputes.
    ExceedsRefundable,
}

slugs!(Refusal {
    NotCreated => "payment_not_created",
    StatusForbids => "status_forbids",
    Cancelled => "payment_cancelled",
    NothingCapturable => "nothing_capturable",
    NothingRefundable => "nothing_refundable",
    ExceedsCapturable => "amount_exceeds_capturable",
    ExceedsRefundable => "amount_exceeds_refundable",
});

/// The commands that each status allows: captures and voids while something is capturable, refunds while something is
/// refundable. A row for each status, in the order of [`Status`].
pub const ALLOWED: [(Status, &[Command]); 11] = [
    (Status::Created, &[Command::Cancel]),
    (Status::Pending, &[Command::Cancel]),
    (Status::RequiresAction, &[Command::Cancel]),
    (Status::Authorized, &[Command::Capture, Command::Void]),
    (Status::PartiallyCaptured, &[Command::Capture, Command::Void, Command::Refund]),
    (Status::Captured, &[Command::Refund]),
    (Status::PartiallyRefunded, &[Command::Capture, Command::Void, Command::Refund]),
    // What is still authorized beside a refund in full can go back as well, and never be taken.
    (Status::Refunded, &[Command::Void]),
    (Status::Voided, &[]),
    (Status::Expired, &[]),
    (Status::Failed, &[]),
];

/// The fact that a granted command becomes, but for its ids and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order<'p> {
    /// What the fact is called.
    pub kind: EventKind,
    /// Who carries it out: the source of the latest operation that it acts on; `None` where there is none yet.
    pub source: Option<&'p str>,
    /// How much; `None` for a cancellation.
    pub amount_minor: Option<i64>,
}

/// Weighs a command against a payment under lock. Without an amount it is for all that is left.
///
/// # Errors
///
/// The reason why it is refused; what is left is [`capturable`](crate::Sums::capturable) and
/// [`refundable`](crate::Sums::refundable).
pub fn order(payment: &Payment, command: Command, amount_minor: Option<i64>) -> Result<Order<'_>, Refusal> {
    if !payment.is_created() {
        return Err(Refusal::NotCreated);
    }
    if is_cancelled(payment) && matches!(command, Command::Capture | Command::Cancel) {
        return Err(Refusal::Cancelled);
    }
    if !ALLOWED[payment.status as usize].1.contains(&command) {
        return Err(Refusal::StatusForbids);
    }
    let (kind, acts_on) = match command {
        Command::Capture => (EventKind::CaptureRequested, OperationKind::Authorization),
        Command::Void => (EventKind::ReleaseRequested, OperationKind::Authorization),
        Command::Refund => (EventKind::RefundRequested, OperationKind::Capture),
        Command::Cancel => (EventKind::CancellationRequested, OperationKind::Authorization),
    };
    let amount_minor = match command {
        Command::Cancel => None,
        Command::Refund => Some(within(
            amount_minor,
            payment.sums.refundable(),
            Refusal::NothingRefundable,
            Refusal::ExceedsRefundable,
        )?),
        Command::Capture | Command::Void => Some(within(
            amount_minor,
            payment.sums.capturable(),
            Refusal::NothingCapturable,
            Refusal::ExceedsCapturable,
        )?),
    };
    Ok(Order { kind, source: carried_out_by(payment, acts_on, command == Command::Cancel), amount_minor })
}

fn within(wanted: Option<i64>, left: i64, nothing: Refusal, exceeds: Refusal) -> Result<i64, Refusal> {
    match wanted {
        _ if left <= 0 => Err(nothing),
        None => Ok(left),
        Some(wanted) if (1..=left).contains(&wanted) => Ok(wanted),
        Some(_) => Err(exceeds),
    }
}

/// Whether somebody has asked that nothing more be attempted, and was not refused.
fn is_cancelled(payment: &Payment) -> bool {
    payment
        .operations
        .iter()
        .any(|operation| operation.kind == OperationKind::Cancellation && operation.rank != movement::FAILED)
}

/// The source of the latest operation of a kind: one that took effect, unless an attempt is enough.
fn carried_out_by(payment: &Payment, kind: OperationKind, attempt_is_enough: bool) -> Option<&str> {
    let took_effect = |operation: &Operation| match operation.kind {
        OperationKind::Authorization => operation.rank == authorization::SUCCEEDED,
        _ => operation.rank == movement::SUCCEEDED,
    };
    payment
        .operations
        .iter()
        .filter(|operation| operation.kind == kind && (attempt_is_enough || took_effect(operation)))
        .max_by_key(|operation| (operation.occurred_at_us, &operation.operation_id))
        .map(|operation| &*operation.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_row_for_each_status_in_its_place() {
        assert_eq!(ALLOWED.len(), Status::ALL.len());
        for (row, status) in ALLOWED.iter().zip(Status::ALL) {
            assert_eq!(row.0, *status);
            assert_eq!(ALLOWED[*status as usize].0, *status);
        }
    }
}
