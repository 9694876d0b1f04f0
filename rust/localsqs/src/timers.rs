//! When delayed and in-flight messages become visible again.
//!
//! Nearly all timers of a queue are set with one and the same timeout, so they arrive in the order in which they
//! run out: those go to the back of a deque. The few that do not (a changed visibility, a delay of its own) go to a
//! heap. Neither is searched: a timer of a message that was deleted meanwhile is dropped when it comes up, or when
//! more than half of all timers are such leftovers.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// One message becoming visible at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// When, in ms since the epoch.
    pub due_ms: u64,
    /// Tells the message from an earlier one in the same slot.
    pub serial: u64,
    /// Where the message is kept.
    pub slot: u32,
}

/// All timers of one queue.
#[derive(Debug, Default)]
pub struct Timers {
    ordered: VecDeque<Timer>,
    rest: BinaryHeap<Reverse<Timer>>,
}

/// Leftovers are not worth a clean-up below this count.
const COMPACT_MIN: usize = 4_096;

impl Timers {
    /// Sets a timer.
    pub fn push(&mut self, timer: Timer) {
        if self.ordered.back().is_none_or(|last| last.due_ms <= timer.due_ms) {
            self.ordered.push_back(timer);
        } else {
            self.rest.push(Reverse(timer));
        }
    }

    /// Takes the next timer that is due, or that `is_live` says is a leftover.
    pub fn pop(&mut self, now_ms: u64, is_live: impl Fn(&Timer) -> bool) -> Option<Timer> {
        let takes = |timer: &Timer| timer.due_ms <= now_ms || !is_live(timer);
        if self.ordered.front().is_some_and(takes) {
            return self.ordered.pop_front();
        }
        let Reverse(next) = self.rest.peek()?;
        if takes(next) { self.rest.pop().map(|Reverse(timer)| timer) } else { None }
    }

    /// Drops the leftovers if they outnumber the `live_count` timers that still matter.
    pub fn compact(&mut self, live_count: usize, is_live: impl Fn(&Timer) -> bool) {
        if self.len() < COMPACT_MIN.max(live_count * 2) {
            return;
        }
        self.ordered.retain(&is_live);
        self.rest.retain(|Reverse(timer)| is_live(timer));
    }

    /// Timers held, leftovers included.
    pub fn len(&self) -> usize {
        self.ordered.len() + self.rest.len()
    }

    /// Forgets all timers.
    pub fn clear(&mut self) {
        self.ordered.clear();
        self.rest.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timer(due_ms: u64) -> Timer {
        Timer { due_ms, serial: due_ms, slot: 0 }
    }

    #[test]
    fn all_timers_that_are_due_come_up_in_whatever_order_they_were_set() {
        let mut timers = Timers::default();
        for due_ms in [50, 70, 10, 60, 90, 20] {
            timers.push(timer(due_ms));
        }
        let mut seen: Vec<u64> = std::iter::from_fn(|| timers.pop(65, |_| true)).map(|t| t.due_ms).collect();
        seen.sort_unstable();
        assert_eq!(seen, [10, 20, 50, 60]);
        assert_eq!(timers.len(), 2);
    }

    #[test]
    fn leftovers_of_deleted_messages_go_once_they_outnumber_the_rest() {
        let mut timers = Timers::default();
        for due_ms in 0..10_000 {
            timers.push(timer(due_ms));
        }
        timers.compact(100, |t| t.serial < 100);
        assert_eq!(timers.len(), 100);
    }
}
