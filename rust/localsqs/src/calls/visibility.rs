//! `ChangeMessageVisibility` and its batch.

use std::borrow::Cow;

use serde::Deserialize;

use super::batch::{BatchReply, check_entries};
use super::{Call, Reply, in_range, nothing, receipt};
use crate::action::Action;
use crate::engine::Engine;
use crate::error::{ErrorKind, SqsError};
use crate::limits::VISIBILITY_TIMEOUT_S_MAX;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeMessageVisibility<'a> {
    #[serde(borrow, default)]
    queue_url: Cow<'a, str>,
    #[serde(borrow, default)]
    receipt_handle: Cow<'a, str>,
    visibility_timeout: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeMessageVisibilityBatch<'a> {
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
    visibility_timeout: Option<i64>,
}

/// Changes the visibility of one message.
pub fn change(call: &mut Call<'_>) -> Reply {
    let request: ChangeMessageVisibility<'_> = call.body_of()?;
    let queue_id = call.engine.id_by_url(&request.queue_url)?;
    change_one(call.engine, call.now_ms, queue_id, &request.receipt_handle, request.visibility_timeout)?;
    Ok(nothing())
}

/// Changes the visibility of up to ten messages, each by itself.
pub fn change_batch(call: &mut Call<'_>) -> Reply {
    let request: ChangeMessageVisibilityBatch<'_> = call.body_of()?;
    let queue_id = call.engine.id_by_url(&request.queue_url)?;
    check_entries(
        Action::ChangeMessageVisibilityBatch,
        &request.entries.iter().map(|entry| entry.id.as_ref()),
    )?;
    let mut reply = BatchReply::new(Action::ChangeMessageVisibilityBatch);
    for entry in &request.entries {
        if reply.is_spoiled(call.engine, &entry.id) {
            continue;
        }
        let timeout_s = entry.visibility_timeout;
        match change_one(call.engine, call.now_ms, queue_id, &entry.receipt_handle, timeout_s) {
            Ok(()) => reply.succeed(&entry.id, |_| {}),
            Err(error) => reply.fail(&entry.id, &error),
        }
    }
    Ok(reply.finish())
}

fn change_one(
    engine: &mut Engine,
    now_ms: u64,
    queue_id: u32,
    handle: &str,
    timeout_s: Option<i64>,
) -> Result<(), SqsError> {
    let timeout_s = in_range(timeout_s, "VisibilityTimeout", 0, VISIBILITY_TIMEOUT_S_MAX)?
        .ok_or_else(|| SqsError::missing("VisibilityTimeout"))?;
    let receipt = receipt(handle, queue_id, engine.epoch)?.ok_or_else(|| {
        SqsError::new(
            ErrorKind::MessageNotInflight,
            "The message was received before the server was restarted and is not in flight any more.",
        )
    })?;
    engine.queue(queue_id)?.change_visibility(&receipt, timeout_s * 1_000, now_ms)
}
