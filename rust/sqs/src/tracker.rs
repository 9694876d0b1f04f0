//! What is in hand: every delivery from its receipt until SQS has taken the decision on it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::wire::BATCH_MAX;

/// Extensions fall due in steps of this, so that they go out in full batches.
const STEP: Duration = Duration::from_millis(100);

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Waits in its lane.
    Queued,
    /// Handed out; somebody works on it.
    Running,
    /// To be deleted; kept alive until it is.
    Deleting,
    /// On its way back to the queue; must not be extended.
    Returning,
}

struct Delivery {
    receipt: Arc<str>,
    /// Whether SQS had never handed the message out before.
    is_first: bool,
    visible_at: Instant,
    give_up_at: Instant,
    stage: Stage,
    /// An extension is under way. A return has to wait for it, or the later of the two would win.
    extending: bool,
    return_after_s: Option<u32>,
}

/// A delivery as calls name it.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Name of the delivery.
    pub token: u64,
    /// Handle that SQS knows it by.
    pub receipt: Arc<str>,
    /// Whether SQS had never handed the message out before.
    pub is_first: bool,
}

impl Ticket {
    fn of(token: u64, delivery: &Delivery) -> Self {
        Self { token, receipt: Arc::clone(&delivery.receipt), is_first: delivery.is_first }
    }
}

/// Deliveries in hand, bounded.
pub struct Tracker {
    deliveries: HashMap<u64, Delivery>,
    due: BTreeMap<u64, Vec<u64>>,
    epoch: Instant,
    last_token: u64,
    reserved: usize,
    in_flight_max: usize,
    visibility: Duration,
    total_max: Duration,
}

impl Tracker {
    /// A tracker of at most `in_flight_max` deliveries, each extended to `visibility` until `total_max` is over.
    pub fn new(in_flight_max: usize, visibility: Duration, total_max: Duration, now: Instant) -> Self {
        let (deliveries, due) = (HashMap::new(), BTreeMap::new());
        Self { deliveries, due, epoch: now, last_token: 0, reserved: 0, in_flight_max, visibility, total_max }
    }

    /// Deliveries in hand.
    pub fn in_flight(&self) -> usize {
        self.deliveries.len()
    }

    /// Sets room aside for one full receive. False while the pipeline lags.
    pub fn reserve(&mut self) -> bool {
        let fits = self.deliveries.len() + self.reserved + BATCH_MAX <= self.in_flight_max;
        self.reserved += if fits { BATCH_MAX } else { 0 };
        fits
    }

    /// Gives back what `reserve` set aside, once the receive is over.
    pub fn unreserve(&mut self) {
        self.reserved -= BATCH_MAX;
    }

    /// Takes a delivery in hand and names it.
    pub fn admit(&mut self, receipt: Arc<str>, is_first: bool, now: Instant) -> u64 {
        self.last_token += 1;
        let (visible_at, give_up_at) = (now + self.visibility, now + self.total_max);
        let stage = Stage::Queued;
        let (extending, return_after_s) = (false, None);
        let delivery =
            Delivery { receipt, is_first, visible_at, give_up_at, stage, extending, return_after_s };
        self.deliveries.insert(self.last_token, delivery);
        self.schedule(self.last_token, now + self.visibility / 2);
        self.last_token
    }

    /// Marks a delivery as worked on. False if it was lost while it waited, and must not be worked on.
    pub fn hand_out(&mut self, token: u64) -> bool {
        let Some(delivery) = self.deliveries.get_mut(&token) else { return false };
        delivery.stage = Stage::Running;
        true
    }

    /// Decides to delete. None if the delivery is unknown or decided.
    pub fn delete(&mut self, token: u64) -> Option<Ticket> {
        let delivery = self.deliveries.get_mut(&token).filter(|known| known.stage == Stage::Running)?;
        delivery.stage = Stage::Deleting;
        Some(Ticket::of(token, delivery))
    }

    /// Decides to make visible after `delay_s`. None if the delivery is unknown or decided, or if an extension is
    /// under way: then `extension_over` hands the return out.
    pub fn give_back(&mut self, token: u64, delay_s: u32) -> Option<Ticket> {
        let undecided = |known: &&mut Delivery| matches!(known.stage, Stage::Queued | Stage::Running);
        let delivery = self.deliveries.get_mut(&token).filter(undecided)?;
        delivery.stage = Stage::Returning;
        if delivery.extending {
            delivery.return_after_s = Some(delay_s);
            return None;
        }
        Some(Ticket::of(token, delivery))
    }

    /// Lets go of a delivery. True if it was in hand.
    pub fn settle(&mut self, token: u64) -> bool {
        self.deliveries.remove(&token).is_some()
    }

    /// Deliveries that nobody has decided on.
    pub fn undecided(&self) -> Vec<u64> {
        let waits = |stage| matches!(stage, Stage::Queued | Stage::Running);
        self.deliveries.iter().filter(|(_, known)| waits(known.stage)).map(|(token, _)| *token).collect()
    }

    /// Deliveries whose extension is due, and how many have been held for too long to get one.
    pub fn due(&mut self, now: Instant) -> (Vec<Ticket>, u64) {
        let later = self.due.split_off(&(self.step(now) + 1));
        let tokens = std::mem::replace(&mut self.due, later).into_values().flatten();
        let (mut tickets, mut expired) = (Vec::new(), 0);
        for token in tokens {
            let Some(delivery) = self.deliveries.get_mut(&token) else { continue };
            if delivery.stage == Stage::Returning {
                continue;
            }
            if now >= delivery.give_up_at || now >= delivery.visible_at {
                expired += 1;
                self.lose(token);
                continue;
            }
            delivery.extending = true;
            tickets.push(Ticket::of(token, delivery));
        }
        (tickets, expired)
    }

    /// Notes an extension that SQS took at `asked_at`. Returns the time that had been left.
    pub fn extended(&mut self, token: u64, asked_at: Instant) -> Option<Duration> {
        let visibility = self.visibility;
        let delivery = self.deliveries.get_mut(&token)?;
        let left = delivery.visible_at.saturating_duration_since(asked_at);
        delivery.visible_at = asked_at + visibility;
        self.schedule(token, asked_at + visibility / 2);
        Some(left)
    }

    /// Tries again a little later what failed for no fault of ours.
    pub fn extend_later(&mut self, token: u64, now: Instant) {
        let pause = Duration::from_secs(1).min(self.visibility / 8);
        self.schedule(token, now + pause);
    }

    /// Ends an extension, however it went. Returns the return that had to wait for it.
    pub fn extension_over(&mut self, token: u64) -> Option<(Ticket, u32)> {
        let delivery = self.deliveries.get_mut(&token)?;
        delivery.extending = false;
        let delay_s = delivery.return_after_s.take()?;
        Some((Ticket::of(token, delivery), delay_s))
    }

    /// Stops extending. What waits in a lane is let go, since SQS hands it to somebody else; what is worked on
    /// stays until it is decided. True if it was in hand.
    pub fn lose(&mut self, token: u64) -> bool {
        let Some(delivery) = self.deliveries.get(&token) else { return false };
        if delivery.stage == Stage::Queued {
            self.deliveries.remove(&token);
        }
        true
    }

    fn schedule(&mut self, token: u64, at: Instant) {
        self.due.entry(self.step(at)).or_default().push(token);
    }

    fn step(&self, at: Instant) -> u64 {
        (at.saturating_duration_since(self.epoch).as_millis() / STEP.as_millis()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, Duration, Instant, Tracker};

    const VISIBILITY: Duration = Duration::from_secs(30);

    fn tracker(now: Instant) -> Tracker {
        Tracker::new(20, VISIBILITY, VISIBILITY * 4, now)
    }

    fn running(tracker: &mut Tracker, now: Instant) -> u64 {
        let token = tracker.admit(Arc::from("r"), true, now);
        assert!(tracker.hand_out(token));
        token
    }

    #[test]
    fn room_is_bounded_by_what_is_in_hand_and_what_may_still_come() {
        let now = Instant::now();
        let mut tracker = tracker(now);
        assert!(tracker.reserve() && tracker.reserve());
        assert!(!tracker.reserve());
        tracker.unreserve();
        let token = tracker.admit(Arc::from("r"), true, now);
        assert!(!tracker.reserve(), "a full receive no longer fits");
        assert!(tracker.settle(token) && tracker.reserve());
    }

    #[test]
    fn a_delivery_is_decided_once() {
        let now = Instant::now();
        let mut tracker = tracker(now);
        let token = running(&mut tracker, now);
        assert!(tracker.delete(token).is_some());
        assert!(tracker.delete(token).is_none() && tracker.give_back(token, 1).is_none());
        assert_eq!(tracker.in_flight(), 1, "in hand until SQS has taken the delete");
    }

    #[test]
    fn extension_falls_due_at_half_the_timeout_and_again_after_it() {
        let now = Instant::now();
        let mut tracker = tracker(now);
        let token = running(&mut tracker, now);
        assert!(tracker.due(now + VISIBILITY / 3).0.is_empty());
        let later = now + VISIBILITY / 2;
        assert_eq!(tracker.due(later).0.len(), 1);
        assert_eq!(tracker.extended(token, later), Some(VISIBILITY / 2));
        assert!(tracker.extension_over(token).is_none());
        assert_eq!(tracker.due(later + VISIBILITY / 2).0.len(), 1);
    }

    #[test]
    fn a_return_waits_for_the_extension_under_way() {
        let now = Instant::now();
        let mut tracker = tracker(now);
        let token = running(&mut tracker, now);
        tracker.due(now + VISIBILITY / 2);
        assert!(tracker.give_back(token, 7).is_none());
        let (ticket, delay_s) = tracker.extension_over(token).expect("the return comes out now");
        assert_eq!((ticket.token, delay_s), (token, 7));
        assert!(tracker.due(now + VISIBILITY * 3).0.is_empty(), "what goes back is not extended");
    }

    #[test]
    fn extension_ends_with_the_total() {
        let now = Instant::now();
        let mut tracker = Tracker::new(20, VISIBILITY, VISIBILITY / 4, now);
        let (queued, running) = (tracker.admit(Arc::from("q"), true, now), running(&mut tracker, now));
        let (tickets, expired) = tracker.due(now + VISIBILITY / 2);
        assert!(tickets.is_empty());
        assert_eq!(expired, 2);
        assert!(!tracker.hand_out(queued), "nobody works on what somebody else will get");
        assert!(tracker.delete(running).is_some(), "what was done may still be deleted");
    }
}
