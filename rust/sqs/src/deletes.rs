//! Deleting: in tens, several calls at once; every entry that SQS refuses is tried again on its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::core::Core;
use crate::error::CallError;
use crate::options::backoff;
use crate::tracker::Ticket;
use crate::wire::{Action, BatchAnswer, Delete, DeleteEntry, ENTRY_IDS, Entries, Ignored};

/// Tries before a delivery is left to its visibility timeout; it comes again, and is a known duplicate then.
pub const ATTEMPTS_MAX: u32 = 20;

/// Longest pause between two tries.
pub const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A delivery to delete, and how often that was tried.
pub struct Deletion {
    /// The delivery.
    pub ticket: Ticket,
    /// When somebody decided that it is done with.
    pub decided_at: Instant,
    /// Tries that failed.
    pub attempts: u32,
}

impl Deletion {
    /// Counts the delivery as deleted, and how long that took.
    fn done(&self, core: &Core, now: Instant) {
        let lags = if self.ticket.is_first {
            &core.counters.acknowledge_first
        } else {
            &core.counters.acknowledge_again
        };
        lags.record(now.saturating_duration_since(self.decided_at));
        core.counters.deleted.add(1);
    }
}

/// Sends out batches for as long as the intake lives.
pub async fn run(core: Arc<Core>) {
    let slots = Arc::new(Semaphore::new(core.options.deletes_max));
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await.expect("never closed");
        let batch = core.deletes.next().await;
        let core = Arc::clone(&core);
        tokio::spawn(async move {
            delete(core, batch).await;
            drop(slot);
        });
    }
}

async fn delete(core: Arc<Core>, batch: Vec<Deletion>) {
    let entries: Vec<_> = batch
        .iter()
        .zip(ENTRY_IDS)
        .map(|(deletion, id)| DeleteEntry { id, receipt_handle: &deletion.ticket.receipt })
        .collect();
    let request = Entries { queue_url: &core.options.target.queue_url, entries: &entries };
    core.counters.delete_calls.add(1);
    let answer = core.client.ask(Action::DeleteMessageBatch, &request, core.options.call_timeout).await;
    let refused = match answer {
        Ok(BatchAnswer { failed }) => failed,
        Err(error) => {
            core.counters.failed(&core.counters.delete_calls_failed, &error);
            core.counters.delete_failures.add(batch.len() as u64);
            return again(&core, batch).await;
        }
    };
    let mut batch: Vec<_> = batch.into_iter().map(Some).collect();
    for deletion in refused.iter().filter_map(|entry| batch.get_mut(entry.position()?)?.take()) {
        core.counters.delete_failures.add(1);
        tokio::spawn(delete_singly(Arc::clone(&core), deletion));
    }
    let now = Instant::now();
    let deleted: Vec<_> = batch.into_iter().flatten().inspect(|deletion| deletion.done(&core, now)).collect();
    core.settle(deleted.iter().map(|deletion| deletion.ticket.token));
}

/// Puts a batch whose call failed back into the buffer, after a pause that keeps its slot taken: while SQS does not
/// answer, there are no more calls than slots.
async fn again(core: &Core, batch: Vec<Deletion>) {
    let attempts = batch.iter().map(|deletion| deletion.attempts).min().unwrap_or_default() + 1;
    sleep(backoff(attempts, PAUSE_MAX)).await;
    let (left, spent): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|deletion| Deletion { attempts: deletion.attempts + 1, ..deletion })
        .partition(|deletion| deletion.attempts < ATTEMPTS_MAX);
    core.counters.abandoned.add(spent.len() as u64);
    core.settle(spent.into_iter().map(|deletion| deletion.ticket.token));
    core.deletes.extend(left);
}

async fn delete_singly(core: Arc<Core>, deletion: Deletion) {
    let ticket = &deletion.ticket;
    let request = Delete { queue_url: &core.options.target.queue_url, receipt_handle: &ticket.receipt };
    for attempt in 1..=ATTEMPTS_MAX {
        core.counters.delete_calls.add(1);
        let answer: Result<Ignored, CallError> =
            core.client.ask(Action::DeleteMessage, &request, core.options.call_timeout).await;
        let Err(error) = answer else {
            deletion.done(&core, Instant::now());
            return core.settle([ticket.token]);
        };
        core.counters.failed(&core.counters.delete_calls_failed, &error);
        core.counters.delete_failures.add(1);
        if error.is_refusal() {
            break;
        }
        sleep(backoff(attempt, PAUSE_MAX)).await;
    }
    core.counters.abandoned.add(1);
    core.settle([ticket.token]);
}
