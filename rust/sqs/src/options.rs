//! Every knob of the intake. Ranges are checked where settings enter, in Python; here they are taken as given.

use std::time::Duration;

use crate::client::Target;

/// How an intake behaves.
#[derive(Clone)]
pub struct Options {
    /// Where the queue is.
    pub target: Target,
    /// Where dead letters go; None refuses them all.
    pub dead_letter_queue_url: Option<String>,
    /// Lanes that messages are spread over.
    pub lanes: usize,
    /// Deliveries that close a batch.
    pub batch_size_max: usize,
    /// Age of the first delivery that closes a batch.
    pub batch_age_max: Duration,
    /// Receives under way at once, at most.
    pub polls_max: usize,
    /// Deliveries in hand, at most; at least ten.
    pub in_flight_max: usize,
    /// Visibility asked for at every receive and extension, in seconds; at least 2.
    pub visibility_timeout_s: u32,
    /// Long poll, in seconds, 0 to 20.
    pub wait_time_s: u32,
    /// What a receive may take beyond its wait.
    pub poll_slack: Duration,
    /// What any other call may take.
    pub call_timeout: Duration,
    /// Age at which an unfilled batch of deletes or visibility changes goes out.
    pub delete_batch_age: Duration,
    /// Deletes under way at once, at most; visibility changes have as many of their own.
    pub deletes_max: usize,
    /// A delivery held longer than this is given up: no more extensions.
    pub extension_total_max: Duration,
    /// Receives nothing until it is told to.
    pub paused: bool,
    /// Longest pause after failed polls; pauses grow from 100 ms, with full jitter.
    pub poll_backoff_max: Duration,
}

impl Options {
    /// Visibility as a duration.
    pub fn visibility_timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.visibility_timeout_s))
    }
}

/// Pause before try number `attempt` (from 1): uniform between nothing and a bound that doubles up to `most`.
pub fn backoff(attempt: u32, most: Duration) -> Duration {
    let bound = Duration::from_millis(100).saturating_mul(1 << attempt.saturating_sub(1).min(16));
    bound.min(most).mul_f64(fastrand::f64())
}
