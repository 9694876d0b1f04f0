//! Collects entries for one batch call: ten, or what came within a few milliseconds.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::wire::BATCH_MAX;

/// A queue with one consumer. Its length is bounded by the deliveries in flight: each is in it at most once.
pub struct Buffer<T> {
    queue: Mutex<Queue<T>>,
    filled: Notify,
    age_max: Duration,
}

struct Queue<T> {
    entries: VecDeque<T>,
    oldest: Instant,
}

impl<T> Buffer<T> {
    /// A buffer whose unfilled batches close `age_max` after their first entry.
    pub fn new(age_max: Duration) -> Self {
        let queue = Queue { entries: VecDeque::new(), oldest: Instant::now() };
        Self { queue: Mutex::new(queue), filled: Notify::new(), age_max }
    }

    /// Appends entries; never waits.
    pub fn extend(&self, entries: impl IntoIterator<Item = T>) {
        let mut queue = self.queue.lock().expect("buffer lock");
        let before = queue.entries.len();
        queue.entries.extend(entries);
        if before == 0 {
            queue.oldest = Instant::now();
        }
        if before < BATCH_MAX && queue.entries.len() > before {
            self.filled.notify_one();
        }
    }

    /// Waits for the next batch: 1 to 10 entries.
    pub async fn next(&self) -> Vec<T> {
        loop {
            // A full batch never meets the timer, whose step of a millisecond would bound the rate.
            if let Some(batch) = self.drain(BATCH_MAX) {
                return batch;
            }
            let Some(due) = self.due() else {
                self.filled.notified().await;
                continue;
            };
            if timeout_at(due, self.filled.notified()).await.is_err()
                && let Some(batch) = self.drain(1)
            {
                return batch;
            }
        }
    }

    /// When the batch at hand closes by age; None if there is none.
    fn due(&self) -> Option<Instant> {
        let queue = self.queue.lock().expect("buffer lock");
        (!queue.entries.is_empty()).then(|| queue.oldest + self.age_max)
    }

    /// Takes up to ten entries if there are at least `least`.
    fn drain(&self, least: usize) -> Option<Vec<T>> {
        let mut queue = self.queue.lock().expect("buffer lock");
        let count = queue.entries.len().min(BATCH_MAX);
        if count < least {
            return None;
        }
        queue.oldest = Instant::now();
        Some(queue.entries.drain(..count).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffer, Duration};

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn batches_are_full_while_there_are_entries_and_late_ones_go_by_age() {
        let buffer = Buffer::new(Duration::from_millis(5));
        buffer.extend(0..23);
        let sizes = [buffer.next().await.len(), buffer.next().await.len(), buffer.next().await.len()];
        assert_eq!(sizes, [10, 10, 3]);
    }
}
