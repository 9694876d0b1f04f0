//! `SendMessage` and its batch.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::batch::{BatchReply, check_entries};
use super::{Call, Reply, in_range};
use crate::action::Action;
use crate::attributes::{AttributeValue, MessageAttribute, checked, digest};
use crate::engine::Engine;
use crate::error::{ErrorKind, SqsError};
use crate::ident::{push_hex, push_uuid};
use crate::limits::{DELAY_S_MAX, MESSAGE_BYTES_MAX, NAME_CHARS_MAX};
use crate::message::{Content, Extras, check_characters, md5};

/// The one system attribute that a sender can set.
const TRACE_HEADER: &str = "AWSTraceHeader";
const GROUP_ID_CHARS_MAX: usize = NAME_CHARS_MAX + 48;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessageBatch<'a> {
    #[serde(borrow, default)]
    queue_url: Cow<'a, str>,
    #[serde(borrow, default)]
    entries: Vec<Draft<'a>>,
}

/// A message to send; `id` only in a batch, `queue_url` only outside of one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Draft<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    queue_url: Cow<'a, str>,
    #[serde(borrow, default)]
    message_body: Cow<'a, str>,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, AttributeValue>,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, AttributeValue>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

/// Sends one message.
pub fn send(call: &mut Call<'_>) -> Reply {
    let mut draft: Draft<'_> = call.body_of()?;
    let queue_id = call.engine.id_by_url(&draft.queue_url)?;
    let sent = send_one(call.engine, call.now_ms, queue_id, &mut draft)?;
    let mut reply = Vec::with_capacity(192);
    reply.push(b'{');
    sent.write(&mut reply);
    reply.push(b'}');
    Ok(reply)
}

/// Sends up to ten messages, each by itself.
pub fn send_batch(call: &mut Call<'_>) -> Reply {
    let mut request: SendMessageBatch<'_> = call.body_of()?;
    let queue_id = call.engine.id_by_url(&request.queue_url)?;
    check_entries(Action::SendMessageBatch, &request.entries.iter().map(|entry| entry.id.as_ref()))?;
    let size_bytes: u64 = request.entries.iter().map(Draft::size_bytes).sum();
    if size_bytes > MESSAGE_BYTES_MAX {
        let text = format!(
            "Batch requests cannot be longer than {MESSAGE_BYTES_MAX} bytes. You have sent {size_bytes} bytes."
        );
        return Err(SqsError::new(ErrorKind::BatchRequestTooLong, text));
    }
    call.engine.memory.admit(size_bytes)?;
    let mut reply = BatchReply::new(Action::SendMessageBatch);
    for entry in &mut request.entries {
        if reply.is_spoiled(call.engine, &entry.id) {
            continue;
        }
        match send_one(call.engine, call.now_ms, queue_id, entry) {
            Ok(sent) => reply.succeed(&entry.id, |out| {
                out.push(b',');
                sent.write(out);
            }),
            Err(error) => reply.fail(&entry.id, &error),
        }
    }
    Ok(reply.finish())
}

/// What the sender is told.
struct Sent {
    id: u128,
    body_md5: [u8; 16],
    attributes_md5: Option<[u8; 16]>,
    system_md5: Option<[u8; 16]>,
}

impl Sent {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\"MessageId\":\"");
        push_uuid(out, self.id);
        out.extend_from_slice(b"\",\"MD5OfMessageBody\":\"");
        push_hex(out, &self.body_md5);
        let digests = [
            ("MD5OfMessageAttributes", self.attributes_md5),
            ("MD5OfMessageSystemAttributes", self.system_md5),
        ];
        for (name, digest) in digests {
            if let Some(digest) = digest {
                out.extend_from_slice(b"\",\"");
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b"\":\"");
                push_hex(out, &digest);
            }
        }
        out.push(b'"');
    }
}

impl Draft<'_> {
    /// Body and attributes, in bytes, as far as they can be told before they are checked.
    fn size_bytes(&self) -> u64 {
        let attributes: usize = self
            .message_attributes
            .iter()
            .map(|(name, value)| {
                let text = value.string_value.as_ref().map_or(0, String::len);
                let binary = value.binary_value.as_ref().map_or(0, |base64| base64.len() / 4 * 3);
                name.len() + value.data_type.len() + text + binary
            })
            .sum();
        (self.message_body.len() + attributes) as u64
    }
}

fn send_one(
    engine: &mut Engine,
    now_ms: u64,
    queue_id: u32,
    draft: &mut Draft<'_>,
) -> Result<Sent, SqsError> {
    if draft.message_body.is_empty() {
        return Err(SqsError::missing("MessageBody"));
    }
    if draft.message_deduplication_id.is_some() {
        let reason = "The request includes a parameter that is not valid for this queue type.";
        return Err(SqsError::invalid("(any)", "MessageDeduplicationId", reason));
    }
    let settings = &engine.queue(queue_id)?.settings;
    let (delay_s, message_bytes_max) = (settings.delay_s, settings.message_bytes_max);
    let delay_s = in_range(draft.delay_seconds, "DelaySeconds", 0, DELAY_S_MAX)?.unwrap_or(delay_s);
    check_characters(&draft.message_body)?;
    let (extras, system_md5) = read_extras(draft)?;
    let attributes_bytes: u64 = extras.attributes.iter().map(MessageAttribute::size_bytes).sum();
    let size_bytes = draft.message_body.len() as u64 + attributes_bytes;
    if size_bytes > message_bytes_max {
        let text = format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {message_bytes_max} bytes."
        );
        return Err(SqsError::new(ErrorKind::InvalidParameterValue, text));
    }
    let attributes_md5 = (!extras.attributes.is_empty()).then(|| digest(extras.attributes.iter()));
    let content = Content {
        id: engine.ids.next_uuid(),
        body_json: serde_json::to_string(&draft.message_body)
            .map_err(|error| SqsError::new(ErrorKind::Serialization, error.to_string()))?
            .into_boxed_str(),
        body_md5: md5(draft.message_body.as_bytes()),
        size_bytes,
        sent_ms: now_ms,
        extras: (extras != Extras::default()).then(|| Box::new(extras)),
    };
    engine.memory.admit(content.memory_bytes())?;
    let sent = Sent { id: content.id, body_md5: content.body_md5, attributes_md5, system_md5 };
    engine.push(queue_id, content, now_ms, delay_s)?;
    engine.stats.messages_sent += 1;
    Ok(sent)
}

fn read_extras(draft: &mut Draft<'_>) -> Result<(Extras, Option<[u8; 16]>), SqsError> {
    let attributes = checked(std::mem::take(&mut draft.message_attributes))?;
    let group_id = draft.message_group_id.take();
    if group_id.as_ref().is_some_and(|id| id.is_empty() || id.len() > GROUP_ID_CHARS_MAX) {
        let reason = format!("Must have 1 to {GROUP_ID_CHARS_MAX} characters.");
        return Err(SqsError::invalid("(text)", "MessageGroupId", &reason));
    }
    let system = std::mem::take(&mut draft.message_system_attributes);
    if let Some(name) = system.keys().find(|name| *name != TRACE_HEADER) {
        let reason = format!("The only message system attribute is {TRACE_HEADER}.");
        return Err(SqsError::invalid(name, "MessageSystemAttributes", &reason));
    }
    let system = checked_system(system)?;
    let system_md5 = (!system.is_empty()).then(|| digest(system.iter()));
    let trace_header = system.into_iter().next().and_then(|attribute| attribute.value.string_value);
    Ok((Extras { attributes, trace_header, group_id, dead_letter_source_arn: None }, system_md5))
}

fn checked_system(system: BTreeMap<String, AttributeValue>) -> Result<Vec<MessageAttribute>, SqsError> {
    if let Some(value) = system.values().find(|value| value.data_type != "String") {
        let parameter = "MessageSystemAttributes.AWSTraceHeader.DataType";
        return Err(SqsError::invalid(&value.data_type, parameter, "It must be String."));
    }
    checked(system)
}
