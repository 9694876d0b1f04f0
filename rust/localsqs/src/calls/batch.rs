//! What all batch actions share: rules for the entries, and a reply with two lists.

use crate::action::Action;
use crate::engine::Engine;
use crate::error::{ErrorKind, SqsError};
use crate::limits::{BATCH_ENTRIES_MAX, NAME_CHARS_MAX};

/// Checks number and ids of the entries.
pub fn check_entries<'a>(
    action: Action,
    ids: &(impl ExactSizeIterator<Item = &'a str> + Clone),
) -> Result<(), SqsError> {
    let count = ids.len();
    if count == 0 {
        let text = format!("There should be at least one {}RequestEntry in the request.", action.name());
        return Err(SqsError::new(ErrorKind::EmptyBatchRequest, text));
    }
    if count > BATCH_ENTRIES_MAX {
        let text =
            format!("Maximum number of entries per request are {BATCH_ENTRIES_MAX}. You have sent {count}.");
        return Err(SqsError::new(ErrorKind::TooManyEntriesInBatchRequest, text));
    }
    for (index, id) in ids.clone().enumerate() {
        let is_valid = (1..=NAME_CHARS_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !is_valid {
            return Err(SqsError::new(
                ErrorKind::InvalidBatchEntryId,
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most \
                 80 letters long.",
            ));
        }
        if ids.clone().take(index).any(|earlier| earlier == id) {
            return Err(SqsError::new(ErrorKind::BatchEntryIdsNotDistinct, format!("Id {id} repeated.")));
        }
    }
    Ok(())
}

/// The reply of a batch action while it grows.
#[derive(Debug)]
pub struct BatchReply {
    action: Action,
    successful: Vec<u8>,
    failed: Vec<u8>,
}

impl BatchReply {
    /// An empty reply.
    pub fn new(action: Action) -> Self {
        Self { action, successful: Vec::with_capacity(512), failed: Vec::new() }
    }

    /// Whether the switch for partial failures takes the entry `id`; then it stands among the failed ones.
    pub fn is_spoiled(&mut self, engine: &mut Engine, id: &str) -> bool {
        if !engine.faults.fails_entry(self.action) {
            return false;
        }
        engine.stats.entries_failed += 1;
        let text = "The fault switch partial_batch_failure took this entry.";
        self.fail(id, &SqsError::new(ErrorKind::InternalFailure, text));
        true
    }

    /// Adds a successful entry; `rest` writes further members, each with a comma before it.
    pub fn succeed(&mut self, id: &str, rest: impl FnOnce(&mut Vec<u8>)) {
        separate(&mut self.successful);
        // An id that passed the check has no character that JSON escapes.
        self.successful.extend_from_slice(b"{\"Id\":\"");
        self.successful.extend_from_slice(id.as_bytes());
        self.successful.push(b'"');
        rest(&mut self.successful);
        self.successful.push(b'}');
    }

    /// Adds a failed entry.
    pub fn fail(&mut self, id: &str, error: &SqsError) {
        separate(&mut self.failed);
        let entry = serde_json::json!({
            "Id": id,
            "SenderFault": error.kind.is_sender_fault(),
            "Code": error.kind.query_code(),
            "Message": error.message,
        });
        self.failed.extend_from_slice(entry.to_string().as_bytes());
    }

    /// The JSON of the reply; a list without entries is left out, as SQS does.
    pub fn finish(self) -> Vec<u8> {
        let mut reply = Vec::with_capacity(self.successful.len() + self.failed.len() + 32);
        reply.push(b'{');
        for (name, entries) in [("Successful", &self.successful), ("Failed", &self.failed)] {
            if entries.is_empty() {
                continue;
            }
            if reply.len() > 1 {
                reply.push(b',');
            }
            reply.push(b'"');
            reply.extend_from_slice(name.as_bytes());
            reply.extend_from_slice(b"\":[");
            reply.extend_from_slice(entries);
            reply.push(b']');
        }
        reply.push(b'}');
        reply
    }
}

fn separate(entries: &mut Vec<u8>) {
    if !entries.is_empty() {
        entries.push(b',');
    }
}
