//! Counters, as `GET /_payflow/stats` shows them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::action::Action;
use crate::engine::Engine;

/// What happened since start or reset.
#[derive(Debug, Default)]
pub struct Stats {
    /// Calls, by action.
    pub calls: [u64; Action::COUNT],
    /// Calls answered with an error.
    pub calls_refused: u64,
    /// Calls that the throttle switch answered.
    pub calls_throttled: u64,
    /// Calls whose reply the switch cut off.
    pub replies_lost: u64,
    /// Batch entries that the switch made fail.
    pub entries_failed: u64,
    /// Messages sent.
    pub messages_sent: u64,
    /// Messages handed out, repeats included.
    pub messages_received: u64,
    /// Messages deleted by clients.
    pub messages_deleted: u64,
    /// Request bodies, in bytes.
    pub bytes_in: u64,
    /// Reply bodies, in bytes.
    pub bytes_out: u64,
}

/// The counters with what is held right now.
#[derive(Debug, Serialize)]
pub struct StatsReport {
    calls: BTreeMap<&'static str, u64>,
    calls_total: u64,
    calls_refused: u64,
    calls_throttled: u64,
    replies_lost: u64,
    entries_failed: u64,
    messages_sent: u64,
    messages_received: u64,
    messages_deleted: u64,
    bytes_in: u64,
    bytes_out: u64,
    queues: usize,
    messages_stored: usize,
    memory_bytes: u64,
    memory_cap_bytes: u64,
    process_cpu_s: f64,
}

impl StatsReport {
    /// Reads all counters of `engine`.
    pub fn new(engine: &Engine, process_cpu_s: f64) -> Self {
        let stats = &engine.stats;
        let counts = engine.queues().map(super::queue::Queue::counts);
        let calls = Action::ALL.map(|action| (action.name(), stats.calls[action as usize]));
        Self {
            calls: calls.into_iter().filter(|(_, count)| *count > 0).collect(),
            calls_total: stats.calls.iter().sum(),
            calls_refused: stats.calls_refused,
            calls_throttled: stats.calls_throttled,
            replies_lost: stats.replies_lost,
            entries_failed: stats.entries_failed,
            messages_sent: stats.messages_sent,
            messages_received: stats.messages_received,
            messages_deleted: stats.messages_deleted,
            bytes_in: stats.bytes_in,
            bytes_out: stats.bytes_out,
            queues: engine.queues().count(),
            messages_stored: counts.map(|counts| counts.ready + counts.delayed + counts.in_flight).sum(),
            memory_bytes: engine.memory.used_bytes(),
            memory_cap_bytes: engine.memory.cap_bytes(),
            process_cpu_s,
        }
    }
}
