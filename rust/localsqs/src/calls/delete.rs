//! `DeleteMessage` and its batch.

use std::borrow::Cow;

use serde::Deserialize;

use super::batch::{BatchReply, check_entries};
use super::{Call, Reply, nothing, receipt};
use crate::action::Action;
use crate::engine::Engine;
use crate::error::SqsError;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteMessage<'a> {
    #[serde(borrow, default)]
    queue_url: Cow<'a, str>,
    #[serde(borrow, default)]
    receipt_handle: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteMessageBatch<'a> {
    #[serde(borrow, default)]
    queue_url: Cow<'a, str>,
    #[serde(borrow, default)]
    entries: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    receipt_handle: Cow<'a, str>,
}

/// Deletes one message.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let request: DeleteMessage<'_> = call.body_of()?;
    let queue_id = call.engine.id_by_url(&request.queue_url)?;
    delete_one(call.engine, queue_id, &request.receipt_handle)?;
    Ok(nothing())
}

/// Deletes up to ten messages, each by itself.
pub fn delete_batch(call: &mut Call<'_>) -> Reply {
    let request: DeleteMessageBatch<'_> = call.body_of()?;
    let queue_id = call.engine.id_by_url(&request.queue_url)?;
    check_entries(Action::DeleteMessageBatch, &request.entries.iter().map(|entry| entry.id.as_ref()))?;
    let mut reply = BatchReply::new(Action::DeleteMessageBatch);
    for entry in &request.entries {
        if reply.is_spoiled(call.engine, &entry.id) {
            continue;
        }
        match delete_one(call.engine, queue_id, &entry.receipt_handle) {
            Ok(()) => reply.succeed(&entry.id, |_| {}),
            Err(error) => reply.fail(&entry.id, &error),
        }
    }
    Ok(reply.finish())
}

fn delete_one(engine: &mut Engine, queue_id: u32, handle: &str) -> Result<(), SqsError> {
    if let Some(receipt) = receipt(handle, queue_id, engine.epoch)? {
        let is_deleted = engine.queue(queue_id)?.delete(&receipt);
        engine.stats.messages_deleted += u64::from(is_deleted);
    }
    Ok(())
}
