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
            match self.due() {
                Some(due) => {
                    let more = timeout_at(due, self.filled.notified()).await.is_ok();
                    let batch = self.drain(more);
                    if !batch.is_empty() {
                        return batch;
                    }
                }
                None => self.filled.notified().await,
            }
        }
    }

    /// When the batch at hand closes: now if it is full. None if there is none.
    fn due(&self) -> Option<Instant> {
        let queue = self.queue.lock().expect("buffer lock");
        match queue.entries.len() {
            0 => None,
            BATCH_MAX.. => Some(queue.oldest),
            _ => Some(queue.oldest + self.age_max),
        }
    }

    fn drain(&self, only_full: bool) -> Vec<T> {
        let mut queue = self.queue.lock().expect("buffer lock");
        let count = queue.entries.len().min(BATCH_MAX);
        if only_full && count < BATCH_MAX {
            return Vec::new();
        }
        let batch = queue.entries.drain(..count).collect();
        queue.oldest = Instant::now();
        batch
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
