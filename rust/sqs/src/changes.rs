//! Visibility changes: extensions of what is in hand, retries after a delay, release at the end. They share batches.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::core::{Core, Phase, State};
use crate::deletes::{ATTEMPTS_MAX, PAUSE_MAX};
use crate::options::backoff;
use crate::tracker::Ticket;
use crate::wire::{Action, BatchAnswer, ENTRY_IDS, Entries, FailedEntry, VisibilityEntry};

/// Why a visibility changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Still in hand.
    Extend,
    /// Shall come again later.
    Retry,
    /// Shall come again at once, to whoever asks.
    Release,
}

/// A visibility to change, and how often that was tried.
pub struct Change {
    /// The delivery.
    pub ticket: Ticket,
    /// Seconds from the call until it is visible.
    pub visible_after_s: u32,
    /// Why.
    pub purpose: Purpose,
    /// Tries that failed.
    pub attempts: u32,
}

/// What SQS said to one entry.
enum Verdict {
    Taken,
    /// Asking again cannot help: the message is gone, or somebody else has it.
    Refused,
    Failed,
}

/// Sends out batches for as long as the intake lives.
pub async fn run(core: Arc<Core>) {
    let slots = Arc::new(Semaphore::new(core.options.deletes_max));
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await.expect("never closed");
        let batch = core.changes.next().await;
        let core = Arc::clone(&core);
        tokio::spawn(async move {
            change(&core, batch).await;
            drop(slot);
        });
    }
}

/// Asks for the extensions that have fallen due, ten times a second.
pub async fn keep_alive(core: Arc<Core>) {
    let mut ticks = interval(Duration::from_millis(100));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let visible_after_s = core.options.visibility_timeout_s;
    loop {
        ticks.tick().await;
        let (tickets, expired) = core.with(|state| state.tracker.due(Instant::now()));
        core.counters.expired.add(expired);
        let purpose = Purpose::Extend;
        core.changes.extend(tickets.into_iter().map(|ticket| Change {
            ticket,
            visible_after_s,
            purpose,
            attempts: 0,
        }));
    }
}

/// Makes undecided deliveries visible after their delays, as soon as no extension of theirs is under way.
pub fn give_back(core: &Core, returns: impl IntoIterator<Item = (u64, u32)>, purpose: Purpose) {
    let changes: Vec<_> = core.with(|state| {
        let tracker = &mut state.tracker;
        returns
            .into_iter()
            .filter_map(|(token, visible_after_s)| {
                let ticket = tracker.give_back(token, visible_after_s)?;
                Some(Change { ticket, visible_after_s, purpose, attempts: 0 })
            })
            .collect()
    });
    core.changes.extend(changes);
}

async fn change(core: &Core, batch: Vec<Change>) {
    let asked_at = Instant::now();
    let entries: Vec<_> = batch
        .iter()
        .zip(ENTRY_IDS)
        .map(|(change, id)| VisibilityEntry {
            id,
            receipt_handle: &change.ticket.receipt,
            visibility_timeout: change.visible_after_s,
        })
        .collect();
    let request = Entries { queue_url: &core.options.target.queue_url, entries: &entries };
    core.counters.other_calls.add(1);
    let answer =
        core.client.ask(Action::ChangeMessageVisibilityBatch, &request, core.options.call_timeout).await;
    let whole_failed = answer.as_ref().is_err();
    let failed = match answer {
        Ok(BatchAnswer { failed }) => failed,
        Err(error) => {
            core.counters.failed(&core.counters.other_calls_failed, &error);
            Vec::new()
        }
    };
    let verdict = |position: usize| match failed.iter().find(|entry| entry.position() == Some(position)) {
        _ if whole_failed => Verdict::Failed,
        None => Verdict::Taken,
        Some(entry) if is_refusal(entry) => Verdict::Refused,
        Some(_) => Verdict::Failed,
    };
    let (extensions, returns): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .enumerate()
        .map(|(position, change)| (change, verdict(position)))
        .partition(|(change, _)| change.purpose == Purpose::Extend);
    conclude_extensions(core, extensions, asked_at);
    conclude_returns(core, returns).await;
}

fn is_refusal(entry: &FailedEntry) -> bool {
    entry.sender_fault && !entry.code.contains("Throttl")
}

fn conclude_extensions(core: &Core, extensions: Vec<(Change, Verdict)>, asked_at: Instant) {
    let stopping = *core.phase.borrow() == Phase::Stopping;
    let purpose = if stopping { Purpose::Release } else { Purpose::Retry };
    let waiting: Vec<_> = core.with(|state| {
        extensions
            .into_iter()
            .filter_map(|(change, verdict)| {
                conclude_extension(core, state, &change.ticket, &verdict, asked_at)
            })
            .map(|(ticket, visible_after_s)| Change { ticket, visible_after_s, purpose, attempts: 0 })
            .collect()
    });
    core.changes.extend(waiting);
}

fn conclude_extension(
    core: &Core,
    state: &mut State,
    ticket: &Ticket,
    verdict: &Verdict,
    asked_at: Instant,
) -> Option<(Ticket, u32)> {
    let tracker = &mut state.tracker;
    match verdict {
        Verdict::Taken => {
            core.counters.extended.add(1);
            if let Some(left) = tracker.extended(ticket.token, asked_at) {
                core.counters.margin(left);
            }
        }
        // A refusal for what was deleted meanwhile is no failure: `lose` does not know it any more.
        Verdict::Refused => {
            if tracker.lose(ticket.token) {
                core.counters.extension_failures.add(1);
                core.counters.expired.add(1);
            }
        }
        Verdict::Failed => {
            core.counters.extension_failures.add(1);
            tracker.extend_later(ticket.token, Instant::now());
        }
    }
    tracker.extension_over(ticket.token)
}

/// Lets go of what was returned, and tries the rest again after a pause.
async fn conclude_returns(core: &Core, returns: Vec<(Change, Verdict)>) {
    let (mut settled, mut left) = (Vec::new(), Vec::new());
    for (change, verdict) in returns {
        let attempts = change.attempts + 1;
        match verdict {
            Verdict::Taken if change.purpose == Purpose::Release => core.counters.released.add(1),
            Verdict::Taken => core.counters.retried.add(1),
            Verdict::Failed if attempts < ATTEMPTS_MAX => {
                left.push(Change { attempts, ..change });
                continue;
            }
            Verdict::Failed | Verdict::Refused => core.counters.abandoned.add(1),
        }
        settled.push(change.ticket.token);
    }
    core.settle(settled);
    if let Some(first) = left.first() {
        sleep(backoff(first.attempts, PAUSE_MAX)).await;
        core.changes.extend(left);
    }
}
