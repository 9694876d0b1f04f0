//! One delivery against one payment: the classification of PAYMENTS 1.5, row by row, and what follows from it.

use crate::application::apply;
use crate::classification::{conflict, impossibility, is_stale, missing_prerequisite};
use crate::event::Event;
use crate::fact::Fact;
use crate::parking;
use crate::payment::{DisputeState, Payment, Seen, Status, Sums};
use crate::policy::Policies;
use crate::verdict::{Reason, Verdict};

/// What can be seen of a payment from outside, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The sums over its operations.
    pub sums: Sums,
    /// The derived status.
    pub status: Status,
    /// The dispute region.
    pub dispute_state: DisputeState,
    /// Whether an authorization or a sale has created it.
    pub exists: bool,
    /// How many facts have changed it.
    pub version: i64,
}

impl Snapshot {
    /// The payment as it is now.
    pub const fn of(payment: &Payment) -> Self {
        Self {
            sums: payment.sums,
            status: payment.status,
            dispute_state: payment.dispute_state,
            exists: payment.is_created(),
            version: payment.version,
        }
    }
}

/// What became of one delivery, and of the parked facts that it set free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The class of the delivery.
    pub verdict: Verdict,
    /// Why it has this class.
    pub reason: Reason,
    /// The payment before the delivery.
    pub before: Snapshot,
    /// The payment after the delivery, before any parked fact was judged anew.
    pub after: Snapshot,
    /// The parked facts that left parking, in the order in which they were judged.
    pub rejudged: Vec<Rejudged>,
}

/// A parked fact that left parking: applied, stale, in conflict or impossible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejudged {
    /// The fact that had been parked.
    pub event: Event,
    /// Its class now.
    pub verdict: Verdict,
    /// Why it has this class.
    pub reason: Reason,
    /// The payment before it.
    pub before: Snapshot,
    /// The payment after it.
    pub after: Snapshot,
}

/// Classifies one delivery and gives it its effect: on the payment's operations, sums, status and dispute state when
/// it applies, on its parked facts when it came too early. Facts that waited for it are judged anew.
///
/// What is to be written is marked by [`Change`](crate::Change); a payment without a row is [`Payment::new`].
pub fn judge(payment: &mut Payment, event: &Event, policies: &Policies) -> Judgement {
    let before = Snapshot::of(payment);
    let reason = match Fact::of(event) {
        Err(malformed) => malformed,
        Ok(fact) => recognise(payment, event).unwrap_or_else(|| {
            payment.seen.push(Seen {
                source: event.source.clone(),
                event_id: event.event_id.clone(),
                fingerprint: event.fingerprint,
            });
            weigh(payment, event, &fact, policies)
        }),
    };
    let verdict = reason.verdict();
    let after = Snapshot::of(payment);
    let rejudged = match verdict {
        Verdict::Apply => parking::rejudge(payment, policies),
        Verdict::Premature => {
            parking::park(payment, event);
            Vec::new()
        }
        _ => Vec::new(),
    };
    Judgement { verdict, reason, before, after, rejudged }
}

/// Row 2 and the first half of row 3: the event id was seen before.
fn recognise(payment: &Payment, event: &Event) -> Option<Reason> {
    let seen = payment
        .seen
        .iter()
        .find(|seen| *seen.event_id == *event.event_id && *seen.source == *event.source)?;
    Some(if seen.fingerprint == event.fingerprint { Reason::EventSeen } else { Reason::EventIdReused })
}

/// Rows 3 to 7, for a fact that is judged for the first time or anew.
pub(crate) fn weigh(payment: &mut Payment, event: &Event, fact: &Fact, policies: &Policies) -> Reason {
    if let Some(reason) = conflict(payment, event, fact) {
        return reason;
    }
    if let Some(reason) = impossibility(payment, event, policies) {
        return reason;
    }
    if is_stale(payment, event, fact) {
        return Reason::RankNotHigher;
    }
    if let Some(reason) = missing_prerequisite(payment, event) {
        return reason;
    }
    apply(payment, event, fact, policies)
}
