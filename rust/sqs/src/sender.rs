//! Sends many messages fast, for whoever fills queues: the demo stream, the benchmarks, the tests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::client::{Client, Target};
use crate::error::CallError;
use crate::sends::{Outgoing, pack, send};

/// A blocking sender; calls from several threads take turns.
pub struct Sender {
    runtime: Mutex<Runtime>,
    client: Arc<Client>,
    queue_url: Arc<str>,
    connections: usize,
    call_timeout: Duration,
}

impl Sender {
    /// A sender that has up to `connections` calls under way.
    pub fn open(target: &Target, connections: usize, call_timeout: Duration) -> Result<Self, CallError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| CallError::Connect(error.to_string()))?;
        let client = Arc::new(runtime.block_on(Client::open(target))?);
        let (runtime, queue_url) = (Mutex::new(runtime), Arc::from(target.queue_url.as_str()));
        Ok(Self { runtime, client, queue_url, connections, call_timeout })
    }

    /// Sends every body once. Returns who failed, by position, and why; a call without an answer fails all its
    /// messages, though SQS may have taken them.
    pub fn send(&self, bodies: Vec<Vec<u8>>) -> Vec<(usize, String)> {
        let outgoing = |body| Outgoing { body, attributes: Vec::new() };
        let runs = pack(bodies.into_iter().map(outgoing).enumerate().collect());
        self.runtime.lock().expect("runtime lock").block_on(self.send_all(runs))
    }

    async fn send_all(&self, runs: Vec<Vec<(usize, Outgoing)>>) -> Vec<(usize, String)> {
        let slots = Arc::new(Semaphore::new(self.connections));
        let mut calls = JoinSet::new();
        for run in runs {
            let slot = Arc::clone(&slots).acquire_owned().await.expect("never closed");
            let (client, queue_url, deadline) =
                (Arc::clone(&self.client), Arc::clone(&self.queue_url), self.call_timeout);
            calls.spawn(async move {
                let answer = send(&client, &queue_url, &run, deadline).await;
                drop(slot);
                answer.unwrap_or_else(|error| {
                    let reason = error.to_string();
                    run.iter().map(|(index, _)| (*index, reason.clone())).collect()
                })
            });
        }
        let mut failed: Vec<_> = calls.join_all().await.into_iter().flatten().collect();
        failed.sort_unstable_by_key(|(index, _)| *index);
        failed
    }
}
