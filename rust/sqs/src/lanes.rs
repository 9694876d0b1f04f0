//! Deliveries that wait to be taken: one queue for each lane, closed into a batch by size or by age.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A delivery that nobody has taken yet.
pub struct Queued {
    /// Name of the delivery.
    pub token: u64,
    /// The message as it was sent.
    pub body: String,
    /// Identity of the message.
    pub message_id: String,
    /// Deliveries so far, this one included.
    pub receive_count: u32,
    /// Milliseconds since the epoch.
    pub sent_at_ms: i64,
    /// Milliseconds since the epoch.
    pub received_at_ms: i64,
    /// Failed attempts and deliveries from before it waited in the database; None for nearly all.
    pub carried: Option<(u32, u32)>,
    /// When it came, by the clock that batches age by.
    pub arrived: Instant,
}

#[derive(Default)]
struct Lane {
    queue: VecDeque<Queued>,
    /// Somebody found no ripe batch, and is to be woken when there is one.
    waited_for: bool,
}

/// How much longer a batch may wait to fill while the queue has a backlog: there every delivery has waited long
/// already, and a fuller batch costs each of them less. Without it, small batches use up the processor that would
/// have filled them, and stay small.
const PATIENCE_WITH_BACKLOG: u32 = 10;

/// All lanes, and those whose waiting taker is to be woken.
pub struct Lanes {
    all: Vec<Lane>,
    ready: Vec<usize>,
    buffered: usize,
    size_max: usize,
    age_max: Duration,
    backlog: bool,
}

impl Lanes {
    /// Lanes whose batches close at `size_max` deliveries or when the oldest is `age_max` old.
    pub fn new(lanes: usize, size_max: usize, age_max: Duration) -> Self {
        let all = (0..lanes).map(|_| Lane::default()).collect();
        Self { all, ready: Vec::new(), buffered: 0, size_max, age_max, backlog: false }
    }

    /// Says whether more waits in the queue than polls bring. Returns true if that is news: lanes ripen anew then.
    pub fn set_backlog(&mut self, backlog: bool) -> bool {
        std::mem::replace(&mut self.backlog, backlog) != backlog
    }

    /// Closes batches at `size_max` deliveries from now on.
    pub fn set_size_max(&mut self, size_max: usize) {
        self.size_max = size_max;
    }

    /// Deliveries that wait in all lanes.
    pub fn buffered(&self) -> usize {
        self.buffered
    }

    /// Appends a delivery to its lane.
    pub fn push(&mut self, lane: usize, queued: Queued) {
        self.buffered += 1;
        self.all[lane].queue.push_back(queued);
    }

    /// Takes the lane's batch if it is ripe; otherwise remembers that somebody waits for it.
    pub fn take(&mut self, lane: usize, now: Instant) -> Option<Vec<Queued>> {
        if !self.is_ripe(lane, now) {
            self.all[lane].waited_for = true;
            return None;
        }
        let queue = &mut self.all[lane].queue;
        let taken: Vec<_> = queue.drain(..queue.len().min(self.size_max)).collect();
        self.buffered -= taken.len();
        Some(taken)
    }

    /// Marks waited-for lanes that are ripe as ready. Returns when the next one will be, if any is filling.
    pub fn ripen(&mut self, now: Instant) -> Option<Instant> {
        let mut next: Option<Instant> = None;
        for lane in 0..self.all.len() {
            if !self.all[lane].waited_for {
                continue;
            }
            if self.is_ripe(lane, now) {
                self.all[lane].waited_for = false;
                self.ready.push(lane);
            } else if let Some(first) = self.all[lane].queue.front() {
                let due = first.arrived + self.patience();
                next = Some(next.map_or(due, |earlier| earlier.min(due)));
            }
        }
        next
    }

    /// True if a taker is to be woken.
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Lanes whose taker is to be woken now.
    pub fn drain_ready(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.ready)
    }

    /// Empties all lanes and wakes everybody. Returns the tokens that nobody took.
    pub fn close(&mut self) -> Vec<u64> {
        self.ready = (0..self.all.len()).collect();
        self.buffered = 0;
        self.all.iter_mut().flat_map(|lane| lane.queue.drain(..)).map(|queued| queued.token).collect()
    }

    fn is_ripe(&self, lane: usize, now: Instant) -> bool {
        let queue = &self.all[lane].queue;
        queue.len() >= self.size_max
            || queue.front().is_some_and(|first| now.duration_since(first.arrived) >= self.patience())
    }

    fn patience(&self) -> Duration {
        if self.backlog { self.age_max * PATIENCE_WITH_BACKLOG } else { self.age_max }
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Instant, Lanes, Queued};

    const AGE: Duration = Duration::from_millis(5);

    fn queued(token: u64, arrived: Instant) -> Queued {
        let (body, message_id) = (String::new(), String::new());
        let carried = None;
        Queued {
            token,
            body,
            message_id,
            receive_count: 1,
            sent_at_ms: 0,
            received_at_ms: 0,
            carried,
            arrived,
        }
    }

    #[test]
    fn a_batch_closes_by_size_before_its_age() {
        let (mut lanes, now) = (Lanes::new(2, 3, AGE), Instant::now());
        assert!(lanes.take(1, now).is_none());
        for token in 1..=4 {
            lanes.push(1, queued(token, now));
        }
        assert_eq!(lanes.ripen(now), None);
        assert_eq!(lanes.drain_ready(), [1]);
        let taken = lanes.take(1, now).expect("three are a batch");
        assert_eq!(taken.iter().map(|queued| queued.token).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(lanes.take(1, now).is_none(), "one young delivery is no batch");
        assert_eq!(lanes.buffered(), 1);
    }

    #[test]
    fn a_batch_closes_by_age_before_its_size() {
        let (mut lanes, now) = (Lanes::new(1, 100, AGE), Instant::now());
        lanes.push(0, queued(1, now));
        assert!(lanes.take(0, now).is_none());
        assert_eq!(lanes.ripen(now), Some(now + AGE));
        assert!(!lanes.has_ready());
        assert_eq!(lanes.ripen(now + AGE), None);
        assert_eq!(lanes.drain_ready(), [0]);
        assert_eq!(lanes.take(0, now + AGE).map(|taken| taken.len()), Some(1));
    }

    #[test]
    fn a_batch_waits_longer_to_fill_while_there_is_a_backlog() {
        let (mut lanes, now) = (Lanes::new(1, 100, AGE), Instant::now());
        lanes.push(0, queued(1, now));
        assert!(lanes.set_backlog(true));
        assert!(!lanes.set_backlog(true), "no news");
        assert!(lanes.take(0, now + AGE).is_none());
        assert_eq!(lanes.ripen(now + AGE), Some(now + AGE * 10));
        assert!(lanes.set_backlog(false));
        assert_eq!(lanes.ripen(now + AGE), None);
        assert_eq!(lanes.drain_ready(), [0]);
    }

    #[test]
    fn a_smaller_size_ripens_what_waits_already() {
        let (mut lanes, now) = (Lanes::new(1, 100, AGE), Instant::now());
        for token in 1..=5 {
            lanes.push(0, queued(token, now));
        }
        assert!(lanes.take(0, now).is_none());
        lanes.set_size_max(2);
        assert_eq!(lanes.ripen(now), None);
        assert_eq!(lanes.drain_ready(), [0]);
        assert_eq!(lanes.take(0, now).map(|taken| taken.len()), Some(2));
    }

    #[test]
    fn only_a_lane_that_is_waited_for_wakes_anybody() {
        let (mut lanes, now) = (Lanes::new(1, 1, AGE), Instant::now());
        lanes.push(0, queued(1, now));
        assert_eq!(lanes.ripen(now), None);
        assert!(!lanes.has_ready());
    }

    #[test]
    fn closing_wakes_everybody_and_returns_what_was_left() {
        let (mut lanes, now) = (Lanes::new(2, 10, AGE), Instant::now());
        lanes.push(0, queued(1, now));
        lanes.push(1, queued(2, now));
        assert_eq!(lanes.close(), [1, 2]);
        assert_eq!(lanes.drain_ready(), [0, 1]);
        assert_eq!(lanes.buffered(), 0);
    }
}
