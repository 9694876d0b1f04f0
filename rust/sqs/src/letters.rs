//! Dead letters: a copy with the reason goes to the dead-letter queue, and only then the original is deleted.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::core::Core;
use crate::error::CallError;
use crate::sends::{Outgoing, pack, send};

/// Sends under way at once, at most.
const PARALLEL: usize = 8;

/// A delivery for the dead-letter queue.
pub struct Letter {
    /// Names the delivery whose original is deleted.
    pub token: u64,
    /// The message.
    pub body: Vec<u8>,
    /// Attributes for people: names and values that SQS allows.
    pub attributes: Vec<(String, String)>,
}

/// Sends the letters and puts the originals of those that arrived into the delete buffer. Returns the tokens of the
/// others, which stay in hand.
pub async fn dead_letter(core: Arc<Core>, letters: Vec<Letter>) -> Vec<u64> {
    let tokens: Vec<u64> = letters.iter().map(|letter| letter.token).collect();
    let outgoing = letters
        .into_iter()
        .map(|letter| Outgoing { body: letter.body, attributes: letter.attributes })
        .enumerate()
        .collect();
    let slots = Arc::new(Semaphore::new(PARALLEL));
    let mut calls = JoinSet::new();
    for run in pack(outgoing) {
        let (core, slots) = (Arc::clone(&core), Arc::clone(&slots));
        calls.spawn(async move {
            let _slot = slots.acquire().await.expect("never closed");
            send_run(&core, &run).await
        });
    }
    let failed: HashSet<usize> = calls.join_all().await.into_iter().flatten().collect();
    let (lost, sent): (Vec<_>, Vec<_>) =
        tokens.into_iter().enumerate().partition(|(index, _)| failed.contains(index));
    core.counters.dead_lettered.add(sent.len() as u64);
    core.counters.dead_letter_failures.add(lost.len() as u64);
    core.acknowledge(sent.into_iter().map(|(_, token)| token));
    lost.into_iter().map(|(_, token)| token).collect()
}

/// Positions of the letters that could not be sent.
async fn send_run(core: &Core, run: &[(usize, Outgoing)]) -> Vec<usize> {
    let answer = match &core.options.dead_letter_queue_url {
        Some(queue_url) => {
            core.counters.other_calls.add(1);
            send(&core.client, queue_url, run, core.options.call_timeout).await
        }
        None => Err(CallError::Setting("dead_letter_queue_url: none is set".to_owned())),
    };
    match answer {
        Ok(refused) => refused.into_iter().map(|(index, _)| index).collect(),
        Err(error) => {
            core.counters.failed(&core.counters.other_calls_failed, &error);
            run.iter().map(|(index, _)| *index).collect()
        }
    }
}
