//! Facts that came too early: kept with their payment, and judged anew after each fact that applies.

use crate::event::Event;
use crate::fact::Fact;
use crate::judge::{Rejudged, Snapshot, weigh};
use crate::payment::{Change, Parked, Payment};
use crate::policy::Policies;
use crate::verdict::Verdict;

/// Keeps a fact until what it needs has come.
pub(crate) fn park(payment: &mut Payment, event: &Event) {
    payment.parked.push(Parked { event: event.clone(), change: Change::Inserted });
}

/// Judges all that waits, over and over, until a round sets nothing more free.
///
/// [`judge`](crate::judge) does so after each fact that applies. Under unchanged policies nothing is left for another
/// call; a sweep over what waits makes one all the same, for payments that changed while an older release looked on.
///
/// Ends: each round but the last takes at least one fact out of parking.
pub fn rejudge(payment: &mut Payment, policies: &Policies) -> Vec<Rejudged> {
    let mut rejudged = Vec::new();
    if payment.parked.is_empty() {
        return rejudged;
    }
    let mut waiting = std::mem::take(&mut payment.parked);
    loop {
        let left_before = rejudged.len();
        waiting.retain_mut(|parked| {
            if parked.change == Change::Removed {
                return true;
            }
            let Some(outcome) = judge_anew(payment, &parked.event, policies) else {
                return true;
            };
            rejudged.push(outcome);
            let stored = parked.change != Change::Inserted;
            parked.change = Change::Removed;
            stored
        });
        if rejudged.len() == left_before {
            break;
        }
    }
    payment.parked = waiting;
    rejudged
}

/// What becomes of a parked fact now, or `None` while it still has to wait.
fn judge_anew(payment: &mut Payment, event: &Event, policies: &Policies) -> Option<Rejudged> {
    let before = Snapshot::of(payment);
    let reason = match Fact::of(event) {
        Ok(fact) => weigh(payment, event, &fact, policies),
        Err(malformed) => malformed,
    };
    let verdict = reason.verdict();
    (verdict != Verdict::Premature).then(|| Rejudged {
        event: event.clone(),
        verdict,
        reason,
        before,
        after: Snapshot::of(payment),
    })
}
