//! Tags of queues.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::queues::Addressed;
use super::{Call, Reply, json as write, nothing};
use crate::error::SqsError;
use crate::limits::TAGS_MAX;

const TAG_KEY_CHARS_MAX: usize = 128;
const TAG_VALUE_CHARS_MAX: usize = 256;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagQueue {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UntagQueue {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    tag_keys: Vec<String>,
}

/// Refuses tags that are too many or too long.
pub fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), SqsError> {
    if tags.len() > TAGS_MAX {
        return Err(SqsError::invalid(tags.len(), "Tags", "A queue has at most 50 tags."));
    }
    let is_long = |(key, value): (&String, &String)| {
        key.is_empty()
            || key.chars().count() > TAG_KEY_CHARS_MAX
            || value.chars().count() > TAG_VALUE_CHARS_MAX
    };
    if tags.iter().any(is_long) {
        let reason = "A tag key has 1 to 128 characters, a tag value at most 256.";
        return Err(SqsError::invalid("(tags)", "Tags", reason));
    }
    Ok(())
}

/// Adds tags, over those of the same key.
pub fn tag(call: &mut Call<'_>) -> Reply {
    let request: TagQueue = call.body_of()?;
    let id = call.engine.id_by_url(&request.queue_url)?;
    if request.tags.is_empty() {
        return Err(SqsError::missing("Tags"));
    }
    let queue = call.engine.queue(id)?;
    let mut tags = queue.tags.clone();
    tags.extend(request.tags);
    check_tags(&tags)?;
    queue.tags = tags;
    Ok(nothing())
}

/// Removes tags by key.
pub fn untag(call: &mut Call<'_>) -> Reply {
    let request: UntagQueue = call.body_of()?;
    let id = call.engine.id_by_url(&request.queue_url)?;
    if request.tag_keys.is_empty() {
        return Err(SqsError::missing("TagKeys"));
    }
    let queue = call.engine.queue(id)?;
    queue.tags.retain(|key, _| !request.tag_keys.contains(key));
    Ok(nothing())
}

/// Lists the tags of a queue.
pub fn list(call: &mut Call<'_>) -> Reply {
    let request: Addressed = call.body_of()?;
    let id = call.engine.id_by_url(&request.queue_url)?;
    let tags = &call.engine.queue(id)?.tags;
    Ok(if tags.is_empty() { nothing() } else { write(&json!({ "Tags": tags })) })
}
