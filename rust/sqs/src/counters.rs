//! What the intake counts.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::error::CallError;
use crate::histogram::{Histogram, LAG_BOUNDS_S, MARGIN_BOUNDS_S};

/// A number that only grows.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `amount`.
    pub fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    /// The sum so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// All counters of one intake.
pub struct Counters {
    /// Deliveries that polls brought.
    pub received: Counter,
    /// Deliveries that SQS has deleted.
    pub deleted: Counter,
    /// Deletes that failed, each try counted.
    pub delete_failures: Counter,
    /// Extensions that SQS took.
    pub extended: Counter,
    /// Extensions that failed, each try counted.
    pub extension_failures: Counter,
    /// Deliveries made visible after a delay.
    pub retried: Counter,
    /// Deliveries made visible at once because the intake stopped.
    pub released: Counter,
    /// Deliveries sent to the dead-letter queue.
    pub dead_lettered: Counter,
    /// Dead letters that could not be sent.
    pub dead_letter_failures: Counter,
    /// Deliveries that are no longer extended.
    pub expired: Counter,
    /// Deliveries left to their visibility timeout because SQS would not take the decision on them.
    pub abandoned: Counter,
    /// Calls to `ReceiveMessage`.
    pub receive_calls: Counter,
    /// Calls to `DeleteMessageBatch` and `DeleteMessage`.
    pub delete_calls: Counter,
    /// All other calls.
    pub other_calls: Counter,
    /// Part of `receive_calls` that failed.
    pub receive_calls_failed: Counter,
    /// Part of `delete_calls` that failed.
    pub delete_calls_failed: Counter,
    /// Part of `other_calls` that failed.
    pub other_calls_failed: Counter,
    /// From the decision to delete until SQS has taken the delete, of messages that came for the first time.
    pub acknowledge_first: Histogram,
    /// The same of messages that had come before.
    pub acknowledge_again: Histogram,
    /// What was left of the visibility timeout at each extension.
    pub margins: Histogram,
    errors: Mutex<BTreeMap<String, u64>>,
    margin_min: Mutex<Option<Duration>>,
}

impl Default for Counters {
    fn default() -> Self {
        let counter = Counter::default;
        Self {
            received: counter(),
            deleted: counter(),
            delete_failures: counter(),
            extended: counter(),
            extension_failures: counter(),
            retried: counter(),
            released: counter(),
            dead_lettered: counter(),
            dead_letter_failures: counter(),
            expired: counter(),
            abandoned: counter(),
            receive_calls: counter(),
            delete_calls: counter(),
            other_calls: counter(),
            receive_calls_failed: counter(),
            delete_calls_failed: counter(),
            other_calls_failed: counter(),
            acknowledge_first: Histogram::new(&LAG_BOUNDS_S),
            acknowledge_again: Histogram::new(&LAG_BOUNDS_S),
            margins: Histogram::new(&MARGIN_BOUNDS_S),
            errors: Mutex::default(),
            margin_min: Mutex::default(),
        }
    }
}

impl Counters {
    /// Counts a failed call among its like, and by the kind of its failure.
    pub fn failed(&self, calls: &Counter, error: &CallError) {
        calls.add(1);
        let mut errors = self.errors.lock().expect("errors lock");
        *errors.entry(error.kind().to_owned()).or_default() += 1;
    }

    /// Failed calls by kind.
    pub fn errors(&self) -> BTreeMap<String, u64> {
        self.errors.lock().expect("errors lock").clone()
    }

    /// Notes the time that was left when an extension succeeded.
    pub fn margin(&self, left: Duration) {
        self.margins.record(left);
        let mut least = self.margin_min.lock().expect("margin lock");
        *least = Some(least.map_or(left, |known| known.min(left)));
    }

    /// The least time that was left at any extension; None before the first.
    pub fn margin_min(&self) -> Option<Duration> {
        *self.margin_min.lock().expect("margin lock")
    }
}
