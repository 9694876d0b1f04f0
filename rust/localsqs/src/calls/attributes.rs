//! `GetQueueAttributes` and `SetQueueAttributes`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{Call, Reply, json as write, nothing};
use crate::engine::arn;
use crate::queue::Queue;
use crate::settings::{FIFO_ATTRIBUTES, KEPT_ATTRIBUTES, no_fifo, unknown_attribute};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetQueueAttributes {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetQueueAttributes {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

/// Answers with the attributes asked for.
pub fn get(call: &mut Call<'_>) -> Reply {
    let request: GetQueueAttributes = call.body_of()?;
    let id = call.engine.id_by_url(&request.queue_url)?;
    let now_ms = call.now_ms;
    let queue = call.engine.queue(id)?;
    queue.promote(now_ms);
    queue.expire(now_ms);
    let all = shown(queue);
    let mut asked = BTreeMap::new();
    for name in &request.attribute_names {
        match all.get(name) {
            _ if name == "All" => return Ok(write(&json!({ "Attributes": all }))),
            Some(value) => {
                asked.insert(name, value);
            }
            // Valid, but this queue has none.
            None if name == "RedrivePolicy" || KEPT_ATTRIBUTES.contains(&name.as_str()) => {}
            None if FIFO_ATTRIBUTES.contains(&name.as_str()) => {
                return Err(no_fifo(&format!("attribute {name}")));
            }
            None => return Err(unknown_attribute(name)),
        }
    }
    Ok(if asked.is_empty() { nothing() } else { write(&json!({ "Attributes": asked })) })
}

fn shown(queue: &Queue) -> BTreeMap<String, String> {
    let counts = queue.counts();
    let mut shown = queue.settings.shown();
    let more = [
        ("ApproximateNumberOfMessages", counts.ready.to_string()),
        ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
        ("CreatedTimestamp", (queue.created_ms / 1_000).to_string()),
        ("LastModifiedTimestamp", (queue.modified_ms / 1_000).to_string()),
        ("QueueArn", arn(&queue.name)),
    ];
    shown.extend(more.map(|(name, value)| (name.to_owned(), value)));
    shown
}

/// Changes attributes; those not named stay.
pub fn set(call: &mut Call<'_>) -> Reply {
    let request: SetQueueAttributes = call.body_of()?;
    let id = call.engine.id_by_url(&request.queue_url)?;
    let settings = call.engine.queue(id)?.settings.with(&request.attributes)?;
    call.engine.check_redrive(&settings)?;
    let queue = call.engine.queue(id)?;
    queue.settings = settings;
    queue.modified_ms = call.now_ms;
    Ok(nothing())
}
