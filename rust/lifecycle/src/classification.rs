//! Rows 3 to 6 of PAYMENTS 1.5, one function a row. Each looks at a payment and an event, and changes nothing.

use crate::event::{Event, EventKind};
use crate::fact::{Fact, Part};
use crate::lattice::{authorization, ends_contradict, join, movement};
use crate::payment::{Operation, OperationKind, Payment};
use crate::policy::Policies;
use crate::verdict::Reason;

/// Row 3: the event contradicts an operation that is recorded.
///
/// Of several contradictions one is told, whatever the order in which operations are read: the first in the order of
/// [`Reason`], and an id of another kind only where the operation itself is not contradicted.
pub(crate) fn conflict(payment: &Payment, event: &Event, fact: &Fact) -> Option<Reason> {
    fact.parts()
        .flat_map(|part| {
            payment
                .operations
                .iter()
                .filter(|known| known.source == event.source)
                .filter_map(move |known| contradiction(payment, event, &part, known))
        })
        .min_by_key(|reason| (*reason == Reason::OperationKindDiffers, *reason as u8))
}

fn contradiction(payment: &Payment, event: &Event, part: &Part, known: &Operation) -> Option<Reason> {
    if known.kind != part.kind || *known.operation_id != *part.operation_id {
        return id_taken(event, part, known).then_some(Reason::OperationKindDiffers);
    }
    if part.kind == OperationKind::Dispute {
        if ends_contradict(known.rank, part.rank) {
            return Some(Reason::DisputeEndContradicts);
        }
    } else if known.amount_minor != part.amount_minor {
        return Some(Reason::OperationAmountDiffers);
    }
    if event.money.is_some_and(|money| payment.currency != Some(money.currency)) {
        return Some(Reason::OperationCurrencyDiffers);
    }
    match (known.parent_id.as_deref(), part.parent_id) {
        (Some(known), Some(told)) if known != told => Some(Reason::OperationParentDiffers),
        _ => None,
    }
}

/// Whether the event's operation id belongs to an operation of a kind that cannot share it.
///
/// An authorization and a capture of the same amount may: providers name a sale by one reference. So may all that
/// belongs to a dispute, which keeps one reference for its whole life. An adjustment is keyed by its event's id, from
/// another name space, and names its authorization by the operation id.
fn id_taken(event: &Event, part: &Part, known: &Operation) -> bool {
    use OperationKind as Kind;
    if known.operation_id != event.operation_id {
        return false;
    }
    match (known.kind, part.kind) {
        (Kind::Authorization | Kind::Capture, Kind::Adjustment) | (Kind::Adjustment, _) => false,
        (Kind::Authorization, Kind::Capture) | (Kind::Capture, Kind::Authorization) => {
            known.amount_minor != part.amount_minor
        }
        (one, other) => !(of_dispute(one) && of_dispute(other)) && one != other,
    }
}

const fn of_dispute(kind: OperationKind) -> bool {
    matches!(
        kind,
        OperationKind::Dispute | OperationKind::DisputeWithdrawal | OperationKind::DisputeReinstatement
    )
}

/// Row 4: no other fact could ever make this one true.
pub(crate) fn impossibility(payment: &Payment, event: &Event, policies: &Policies) -> Option<Reason> {
    if let Some(currency) = payment.currency {
        if payment.merchant_id != event.merchant_id {
            return Some(Reason::MerchantDiffers);
        }
        if event.money.is_some_and(|money| money.currency != currency) {
            return Some(Reason::CurrencyDiffers);
        }
        if event.money.is_some_and(|money| money.exponent != payment.exponent) {
            return Some(Reason::ExponentDiffers);
        }
    }
    if policies.of(&event.source).adjustable {
        return None;
    }
    if event.kind == EventKind::AuthorizationAdjusted {
        return Some(Reason::SourceNotAdjustable);
    }
    let amount = event.money.map_or(0, |money| money.amount_minor);
    gross_bound(payment, event.kind).filter(|&bound| amount > bound).map(|_| Reason::ExceedsGrossAuthorized)
}

/// The most that one movement of this kind can ever amount to, once an authorization has succeeded.
///
/// Against the *gross* amount, which never falls: what is released or captured now may look otherwise when facts that
/// happened earlier arrive. A failure has no bound, for it moves no money; neither has what was merely asked for, of
/// which the provider has said nothing yet.
fn gross_bound(payment: &Payment, kind: EventKind) -> Option<i64> {
    let sums = &payment.sums;
    if sums.authorized == 0 {
        return None;
    }
    match kind {
        EventKind::AuthorizationReleased | EventKind::ReleasePending => Some(sums.authorized),
        EventKind::CapturePending
        | EventKind::CaptureSucceeded
        | EventKind::RefundPending
        | EventKind::RefundSucceeded => Some(sums.authorized + sums.overcapture_allowance),
        _ => None,
    }
}

/// Row 5: every operation that the event speaks of stands as high already.
pub(crate) fn is_stale(payment: &Payment, event: &Event, fact: &Fact) -> bool {
    fact.parts().all(|part| {
        payment.position(&event.source, part.kind, part.operation_id).is_some_and(|position| {
            let known = &payment.operations[position];
            join(part.kind, known.rank, part.rank) == known.rank && !part.updates_detail(known, event)
        })
    })
}

/// Row 6, but for the bounds: what the event needs and the payment does not have yet.
/// Every need is monotone: once it is met, no later fact takes it away.
pub(crate) fn missing_prerequisite(payment: &Payment, event: &Event) -> Option<Reason> {
    use EventKind as Kind;
    match event.kind {
        kind if kind.creates() => return None,
        _ if !payment.is_created() => return Some(Reason::PaymentUnknown),
        Kind::AuthorizationAdjusted => return adjusted_authorization(payment, event),
        _ => {}
    }
    let known = |wanted: fn(&Operation) -> bool| payment.operations.iter().any(wanted);
    let missing = match event.kind {
        // An attempt may be cancelled before anybody has heard of it.
        Kind::CancellationRequested
        | Kind::CancellationPending
        | Kind::CancellationUnknown
        | Kind::CancellationSucceeded
        | Kind::CancellationFailed => None,
        kind if known_is_enough(kind) => (!known(is_authorization)).then_some(Reason::AuthorizationUnknown),
        Kind::CaptureSucceeded | Kind::AuthorizationReleased => {
            (!known(|operation| is_authorization(operation) && has_succeeded(operation)))
                .then_some(Reason::AuthorizationNotSucceeded)
        }
        _ => (!known(|operation| operation.kind == OperationKind::Capture && has_succeeded(operation)))
            .then_some(Reason::CaptureUnknown),
    };
    missing.or_else(|| missing_parent(payment, event))
}

fn adjusted_authorization(payment: &Payment, event: &Event) -> Option<Reason> {
    match payment.position(&event.source, OperationKind::Authorization, &event.operation_id) {
        None => Some(Reason::AuthorizationUnknown),
        Some(position) if has_succeeded(&payment.operations[position]) => None,
        Some(_) => Some(Reason::AuthorizationNotSucceeded),
    }
}

/// Facts that need no more of an authorization than to be known: they move no money, and one that is asked for or
/// fails may belong to an authorization that was declined.
const fn known_is_enough(kind: EventKind) -> bool {
    use EventKind as Kind;
    matches!(
        kind,
        Kind::CaptureRequested
            | Kind::CapturePending
            | Kind::CaptureUnknown
            | Kind::CaptureFailed
            | Kind::ReleaseRequested
            | Kind::ReleasePending
            | Kind::ReleaseUnknown
            | Kind::ReleaseFailed
            | Kind::CancellationRequested
            | Kind::CancellationPending
            | Kind::CancellationUnknown
            | Kind::CancellationSucceeded
            | Kind::CancellationFailed
    )
}

/// A parent, where one is named, has to meet the same need as the payment: known for captures and releases that move
/// no money and for cancellations, succeeded for all else.
fn missing_parent(payment: &Payment, event: &Event) -> Option<Reason> {
    let parent_id = event.parent_id.as_ref()?;
    let mut missing = Reason::ParentUnknown;
    for operation in &payment.operations {
        if operation.operation_id != *parent_id || !fits_as_parent(operation.kind, event.kind) {
            continue;
        }
        if known_is_enough(event.kind) || has_succeeded(operation) {
            return None;
        }
        missing = Reason::ParentNotSucceeded;
    }
    Some(missing)
}

/// Providers refer refunds and disputes to the capture or, some of them, to the authorization.
const fn fits_as_parent(parent: OperationKind, child: EventKind) -> bool {
    use OperationKind as Kind;
    match child {
        EventKind::CaptureSucceeded | EventKind::AuthorizationReleased => {
            matches!(parent, Kind::Authorization)
        }
        kind if known_is_enough(kind) => matches!(parent, Kind::Authorization),
        EventKind::DisputeFundsWithdrawn => {
            matches!(parent, Kind::Authorization | Kind::Capture | Kind::Dispute)
        }
        EventKind::DisputeFundsReinstated => {
            matches!(parent, Kind::Authorization | Kind::Capture | Kind::Dispute | Kind::DisputeWithdrawal)
        }
        _ => matches!(parent, Kind::Authorization | Kind::Capture),
    }
}

const fn is_authorization(operation: &Operation) -> bool {
    matches!(operation.kind, OperationKind::Authorization)
}

/// Whether the operation has ever succeeded. A failed capture counts: it undid a success, and a success that comes
/// after it would be stale.
const fn has_succeeded(operation: &Operation) -> bool {
    match operation.kind {
        OperationKind::Authorization => operation.rank >= authorization::SUCCEEDED,
        OperationKind::Capture
        | OperationKind::Refund
        | OperationKind::Release
        | OperationKind::Cancellation => operation.rank >= movement::SUCCEEDED,
        _ => true,
    }
}
