//! Making, finding, listing, emptying and deleting queues.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::Deserialize;
use serde_json::json;

use super::tags::check_tags;
use super::{Call, Reply, in_range, json as write, nothing};
use crate::engine::{ACCOUNT_ID, arn};
use crate::error::{ErrorKind, SqsError};
use crate::limits::{PAGE_RESULTS_MAX, PURGE_INTERVAL_MS};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateQueue {
    #[serde(default)]
    queue_name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    // The model of the API writes this member, alone among its kind, in lower case.
    #[serde(default, rename = "tags", alias = "Tags")]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    #[serde(default)]
    queue_name: String,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Addressed {
    #[serde(default)]
    pub queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    queue_name_prefix: String,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// Makes a queue, or answers with the URL of the same one.
pub fn create(call: &mut Call<'_>) -> Reply {
    let request: CreateQueue = call.body_of()?;
    check_tags(&request.tags)?;
    call.engine.create_queue(call.now_ms, &request.queue_name, &request.attributes, request.tags)?;
    Ok(write(&json!({"QueueUrl": call.queue_url(&request.queue_name)})))
}

/// Answers with the URL of a queue.
pub fn url(call: &mut Call<'_>) -> Reply {
    let request: Named = call.body_of()?;
    if request.queue_name.is_empty() {
        return Err(SqsError::missing("QueueName"));
    }
    if request.owner.is_some_and(|owner| owner != ACCOUNT_ID) {
        return Err(SqsError::no_queue());
    }
    call.engine.id_by_name(&request.queue_name)?;
    Ok(write(&json!({"QueueUrl": call.queue_url(&request.queue_name)})))
}

/// Lists queues by prefix.
pub fn list(call: &mut Call<'_>) -> Reply {
    let request: Listed = call.body_of()?;
    let names = call.engine.names().filter(|name| name.starts_with(&request.queue_name_prefix));
    page(call, &request, names, "QueueUrls")
}

/// Lists the queues whose dead-letter queue this is.
pub fn list_dead_letter_sources(call: &mut Call<'_>) -> Reply {
    let request: Listed = call.body_of()?;
    let id = call.engine.id_by_url(&request.queue_url)?;
    let target = arn(&call.engine.queue(id)?.name);
    // The model of the API writes this member in lower case.
    page(call, &request, call.engine.dead_letter_sources(&target), "queueUrls")
}

/// One page of sorted `names`; the token is the last name of the page before, in hexadecimal digits.
fn page<'a>(call: &Call<'_>, request: &Listed, names: impl Iterator<Item = &'a str>, member: &str) -> Reply {
    let count_max = in_range(request.max_results, "MaxResults", 1, PAGE_RESULTS_MAX)?;
    let after = match &request.next_token {
        None => Bound::Unbounded,
        Some(token) => Bound::Excluded(read_token(token)?),
    };
    let is_after = |name: &&str| match &after {
        Bound::Excluded(last) => *name > last.as_str(),
        _ => true,
    };
    let mut names = names.filter(is_after).peekable();
    let mut urls = Vec::new();
    let mut last = "";
    while let Some(name) = names.next_if(|_| urls.len() < count_max.unwrap_or(PAGE_RESULTS_MAX) as usize) {
        urls.push(call.queue_url(name));
        last = name;
    }
    let mut reply = json!({ member: urls });
    // Without MaxResults there is no paging: the first thousand is all there is.
    if names.peek().is_some() && count_max.is_some() {
        reply["NextToken"] = crate::ident::hex(last.as_bytes()).into();
    }
    Ok(write(&reply))
}

fn read_token(token: &str) -> Result<String, SqsError> {
    let mut bytes = vec![0; token.len() / 2];
    let is_hex = crate::ident::parse_hex(token.as_bytes(), &mut bytes);
    String::from_utf8(bytes).ok().filter(|_| is_hex).ok_or_else(|| {
        SqsError::invalid(token, "NextToken", "Must be a token that a list of this server gave.")
    })
}

/// Deletes all messages of a queue.
pub fn purge(call: &mut Call<'_>) -> Reply {
    let request: Addressed = call.body_of()?;
    let id = call.engine.id_by_url(&request.queue_url)?;
    let now_ms = call.now_ms;
    let queue = call.engine.queue(id)?;
    if queue.purged_ms.is_some_and(|purged_ms| now_ms < purged_ms + PURGE_INTERVAL_MS) {
        let text = format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue.name);
        return Err(SqsError::new(ErrorKind::PurgeQueueInProgress, text));
    }
    queue.purged_ms = Some(now_ms);
    queue.purge();
    Ok(nothing())
}

/// Deletes a queue.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let request: Addressed = call.body_of()?;
    let id = call.engine.id_by_url(&request.queue_url)?;
    let name = call.engine.queue(id)?.name.clone();
    call.engine.delete_queue(&name);
    Ok(nothing())
}
