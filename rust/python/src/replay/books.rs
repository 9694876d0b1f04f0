//! Holds the tables against a rebuilt payment, and the cached sums against the operations beside them.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt::Display;

use payflow_lifecycle::{Currency, Event, Operation, Parked, Payment, Policies, Sums, rank_name, recompute};

use super::difference::{Findings, or_none};
use super::rows::{Case, OperationRow, ParkedRow, PaymentRow, TrailRow};
use super::trail::Rebuilt;

/// Fields of the payment's row that were named already, so that one fault isn't told twice.
pub type Named = HashSet<&'static str>;

/// Compares payment, operations and parked facts both ways: nothing missing, nothing unexplained, nothing different.
pub fn compare(
    payment_id: &str,
    case: &Case<'_>,
    rebuilt: &mut Rebuilt<'_>,
    metadata: Option<&str>,
    findings: &mut Findings,
) -> Named {
    let mut named = Named::new();
    match &case.payment {
        Some(row) if case.trail.is_empty() => {
            findings.add(
                "payment_unexplained",
                payment_id,
                None,
                "payment",
                "no payment: the trail has no row of it",
                row.status,
            );
            named.extend(SUMS.iter().map(|(name, _)| *name));
            named.extend(["amount_minor", "status", "dispute_status"]);
        }
        Some(row) => {
            let source = rebuilt.created_by.map(|(_, event)| &*event.source);
            compare_payment(payment_id, row, &rebuilt.payment, source, metadata, &mut named, findings);
        }
        None if !case.trail.is_empty() => {
            findings.add(
                "payment_missing",
                payment_id,
                case.trail.last().map(|row| row.audit_id),
                "payment",
                rebuilt.payment.status,
                "none",
            );
        }
        None => {}
    }
    compare_operations(payment_id, &case.operations, &mut rebuilt.payment.operations, findings);
    compare_parked(payment_id, case, &mut rebuilt.payment.parked, findings);
    named
}

type SumOf = fn(&Sums) -> i64;

const SUMS: [(&str, SumOf); 10] = [
    ("authorized_minor", |sums| sums.authorized),
    ("released_minor", |sums| sums.released),
    ("captured_minor", |sums| sums.captured),
    ("capture_failed_minor", |sums| sums.capture_failed),
    ("refunded_minor", |sums| sums.refunded),
    ("disputed_minor", |sums| sums.disputed),
    ("capture_pending_minor", |sums| sums.capture_pending),
    ("refund_pending_minor", |sums| sums.refund_pending),
    ("release_pending_minor", |sums| sums.release_pending),
    ("overcapture_allowance_minor", |sums| sums.overcapture_allowance),
];

fn compare_payment(
    payment_id: &str,
    row: &PaymentRow<'_>,
    payment: &Payment,
    source: Option<&str>,
    metadata: Option<&str>,
    named: &mut Named,
    findings: &mut Findings,
) {
    let mut differs = |name: &'static str, expected: String, found: String| {
        if expected != found {
            findings.add("payment_differs", payment_id, None, name, expected, found);
            named.insert(name);
        }
    };
    let merchant = Some(&*payment.merchant_id).filter(|merchant| !merchant.is_empty());
    differs("merchant_id", or_none(merchant), or_none(row.merchant_id));
    differs("source", or_none(source), or_none(row.source));
    differs("currency", or_none(payment.currency.as_ref().map(Currency::as_str)), or_none(row.currency));
    differs("exponent", payment.exponent.to_string(), row.exponent.to_string());
    for (name, sum) in SUMS {
        differs(name, sum(&payment.sums).to_string(), sum(&row.sums).to_string());
    }
    differs("amount_minor", payment.amount_minor().to_string(), row.amount_minor.to_string());
    differs("status", payment.status.to_string(), row.status.to_owned());
    differs("dispute_status", payment.dispute_state.to_string(), row.dispute_status.to_owned());
    differs("version", payment.version.to_string(), row.version.to_string());
    differs("metadata", or_none(metadata), or_none(row.metadata));
}

fn compare_operations(
    payment_id: &str,
    rows: &[OperationRow<'_>],
    operations: &mut [Operation],
    findings: &mut Findings,
) {
    operations.sort_unstable_by(|one, other| operation_key(one).cmp(&operation_key(other)));
    merge(
        rows,
        operations,
        |row, operation| (row.source, row.kind, row.operation_id).cmp(&operation_key(operation)),
        |row, operation| match (row, operation) {
            (Some(row), Some(operation)) => compare_operation(payment_id, row, operation, findings),
            (Some(row), None) => {
                let subject = format!("operation {}/{}/{}", row.source, row.kind, row.operation_id);
                let expected = "no operation: no row of the trail brings it about";
                let found = format!("{} {}", row.state, row.amount_minor);
                findings.add("operation_unexplained", payment_id, None, subject, expected, found);
            }
            (None, Some(operation)) => {
                let expected =
                    format!("{} {}", rank_name(operation.kind, operation.rank), operation.amount_minor);
                findings.add(
                    "operation_missing",
                    payment_id,
                    None,
                    operation_subject(operation),
                    expected,
                    "none",
                );
            }
            (None, None) => {}
        },
    );
}

fn operation_key(operation: &Operation) -> (&str, &str, &str) {
    (&operation.source, operation.kind.as_str(), &operation.operation_id)
}

fn operation_subject(operation: &Operation) -> String {
    let (source, kind, operation_id) = operation_key(operation);
    format!("operation {source}/{kind}/{operation_id}")
}

fn compare_operation(
    payment_id: &str,
    row: &OperationRow<'_>,
    operation: &Operation,
    findings: &mut Findings,
) {
    let mut differs = |name: &str, same: bool, expected: &dyn Display, found: &dyn Display| {
        if !same {
            let subject = format!("{} {name}", operation_subject(operation));
            findings.add("operation_differs", payment_id, None, subject, expected, found);
        }
    };
    let state = rank_name(operation.kind, operation.rank);
    let (parent_id, reason) = (operation.parent_id.as_deref(), operation.reason.as_deref());
    differs("rank", row.rank == i64::from(operation.rank), &operation.rank, &row.rank);
    differs("state", row.state == state, &state, &row.state);
    differs(
        "amount_minor",
        row.amount_minor == operation.amount_minor,
        &operation.amount_minor,
        &row.amount_minor,
    );
    differs("parent_id", row.parent_id == parent_id, &or_none(parent_id), &or_none(row.parent_id));
    differs("reason", row.reason == reason, &or_none(reason), &or_none(row.reason));
    let (expected, found) = (operation.occurred_at_us, row.occurred_at_us);
    differs("occurred_at_us", expected == found, &expected, &found);
}

fn compare_parked(payment_id: &str, case: &Case<'_>, parked: &mut [Parked], findings: &mut Findings) {
    parked.sort_unstable_by(|one, other| parked_key(one).cmp(&parked_key(other)));
    merge(
        &case.parked,
        parked,
        |row, parked| (row.source, row.event_id).cmp(&parked_key(parked)),
        |row, parked| match (row, parked) {
            (Some(row), Some(parked)) => compare_fact(payment_id, row, &parked.event, &case.trail, findings),
            (Some(row), None) => {
                let subject = format!("parked {}/{}", row.source, row.event_id);
                let expected = "no parked fact: the trail doesn't say that it still waits";
                findings.add("parked_unexplained", payment_id, None, subject, expected, row.kind);
            }
            (None, Some(parked)) => {
                let first = first_sight(&case.trail, &parked.event).map(|row| row.audit_id);
                let subject = format!("parked {}/{}", parked.event.source, parked.event.event_id);
                findings.add("parked_missing", payment_id, first, subject, parked.event.kind, "none");
            }
            (None, None) => {}
        },
    );
}

fn parked_key(parked: &Parked) -> (&str, &str) {
    (&parked.event.source, &parked.event.event_id)
}

fn first_sight<'t, 'a>(trail: &'t [TrailRow<'a>], event: &Event) -> Option<&'t TrailRow<'a>> {
    trail.iter().find(|row| row.first && row.event_id == &*event.event_id && row.source == &*event.source)
}

fn compare_fact(
    payment_id: &str,
    row: &ParkedRow<'_>,
    event: &Event,
    trail: &[TrailRow<'_>],
    findings: &mut Findings,
) {
    let mut differs = |name: &str, expected: String, found: String| {
        if expected != found {
            let subject = format!("parked {}/{} {name}", row.source, row.event_id);
            findings.add("parked_differs", payment_id, None, subject, expected, found);
        }
    };
    let money = event.money.as_ref();
    differs("kind", event.kind.to_string(), row.kind.to_owned());
    differs("operation_id", event.operation_id.to_string(), row.operation_id.to_owned());
    differs("parent_id", or_none(event.parent_id.as_deref()), or_none(row.parent_id));
    differs("merchant_id", event.merchant_id.to_string(), row.merchant_id.to_owned());
    differs("amount_minor", or_none(money.map(|money| money.amount_minor)), or_none(row.amount_minor));
    differs("currency", or_none(money.map(|money| money.currency.as_str())), or_none(row.currency));
    differs("waits_for", or_none(first_sight(trail, event).map(|row| row.reason)), row.waits_for.to_owned());
}

/// The cached sums and states against the operations in the tables, and the bounds between the sums. Holds without
/// the trail, so it is proved also where the trail can't be trusted.
pub fn check_sums(
    payment_id: &str,
    case: &Case<'_>,
    policies: &Policies,
    named: &Named,
    findings: &mut Findings,
) {
    let Some(row) = &case.payment else { return };
    let mut payment = Payment::new(payment_id);
    payment.sums = row.sums;
    payment.operations = case.operations.iter().filter_map(OperationRow::operation).collect();
    let (sums, status, dispute_state) = recompute(&payment, policies);
    let mut differs = |name: &'static str, expected: String, found: String| {
        if expected != found && !named.contains(name) {
            findings.add("sum_of_operations", payment_id, None, name, expected, found);
        }
    };
    for (name, sum) in SUMS {
        differs(name, sum(&sums).to_string(), sum(&row.sums).to_string());
    }
    payment.sums = sums;
    differs("amount_minor", payment.amount_minor().to_string(), row.amount_minor.to_string());
    differs("status", status.to_string(), row.status.to_owned());
    differs("dispute_status", dispute_state.to_string(), row.dispute_status.to_owned());
    if let Some(broken) = row.sums.violates() {
        let found = SUMS.map(|(name, sum)| format!("{name} {}", sum(&row.sums))).join(", ");
        findings.add("bound_broken", payment_id, None, "sums", broken, found);
    }
}

/// Walks two sorted slices together; `visit` gets what stands at each key on either side.
fn merge<L, R>(
    left: &[L],
    right: &[R],
    order: impl Fn(&L, &R) -> Ordering,
    mut visit: impl FnMut(Option<&L>, Option<&R>),
) {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    loop {
        let ordering = match (left.peek(), right.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => order(one, other),
        };
        let one = if ordering == Ordering::Greater { None } else { left.next() };
        let other = if ordering == Ordering::Less { None } else { right.next() };
        visit(one, other);
    }
}
