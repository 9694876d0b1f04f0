//! `ReceiveMessage`: one attempt. Waiting between attempts is the business of the HTTP face.

use std::borrow::Cow;

use serde::Deserialize;

use super::{in_range, parse};
use crate::attributes::{AttributeFilter, MessageAttribute, digest};
use crate::engine::{ACCOUNT_ID, Engine};
use crate::error::{ErrorKind, SqsError};
use crate::ident::{push_hex, push_uuid};
use crate::limits::{BATCH_ENTRIES_MAX, VISIBILITY_TIMEOUT_S_MAX, WAIT_S_MAX};
use crate::message::Message;
use crate::receipt::Receipt;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveMessage<'a> {
    #[serde(borrow, default)]
    queue_url: Cow<'a, str>,
    #[serde(borrow, default)]
    attribute_names: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    message_system_attribute_names: Vec<Cow<'a, str>>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
}

/// A receive that passed all checks.
#[derive(Debug)]
pub struct Ask {
    /// The queue.
    pub queue_id: u32,
    /// How long it may wait for a message, in s.
    pub wait_s: u64,
    count_max: usize,
    visibility_s: Option<u64>,
    system: SystemNames,
    filter: AttributeFilter,
}

/// Which system attributes were asked for, a bit each.
#[derive(Clone, Copy, Debug, Default)]
struct SystemNames(u8);

const SYSTEM_NAMES: [&str; 7] = [
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "AWSTraceHeader",
    "MessageGroupId",
    "DeadLetterQueueSourceArn",
];
/// Names that are valid but that messages of standard queues do not have.
const FIFO_NAMES: [&str; 2] = ["MessageDeduplicationId", "SequenceNumber"];

impl SystemNames {
    fn add(&mut self, name: &str) -> Result<(), SqsError> {
        if name == "All" {
            self.0 = u8::MAX;
        } else if let Some(index) = SYSTEM_NAMES.iter().position(|known| *known == name) {
            self.0 |= 1 << index;
        } else if !FIFO_NAMES.contains(&name) {
            return Err(SqsError::new(ErrorKind::InvalidAttributeName, format!("Unknown Attribute {name}.")));
        }
        Ok(())
    }

    fn has(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }
}

impl Ask {
    /// Reads and checks the request.
    pub fn read(engine: &mut Engine, body: &[u8]) -> Result<Self, SqsError> {
        let request: ReceiveMessage<'_> = parse(body)?;
        let queue_id = engine.id_by_url(&request.queue_url)?;
        let mut system = SystemNames::default();
        for name in request.attribute_names.iter().chain(&request.message_system_attribute_names) {
            system.add(name)?;
        }
        let count_max =
            in_range(request.max_number_of_messages, "MaxNumberOfMessages", 1, BATCH_ENTRIES_MAX as u64)?;
        let wait_s = in_range(request.wait_time_seconds, "WaitTimeSeconds", 0, WAIT_S_MAX)?;
        Ok(Self {
            queue_id,
            wait_s: wait_s.unwrap_or(engine.queue(queue_id)?.settings.receive_wait_s),
            count_max: count_max.unwrap_or(1) as usize,
            visibility_s: in_range(
                request.visibility_timeout,
                "VisibilityTimeout",
                0,
                VISIBILITY_TIMEOUT_S_MAX,
            )?,
            system,
            filter: AttributeFilter::new(request.message_attribute_names),
        })
    }

    /// Takes messages if there are any; `None` when the queue has nothing to give now.
    pub fn attempt(&self, engine: &mut Engine, now_ms: u64) -> Result<Option<Vec<u8>>, SqsError> {
        let is_long_poll = self.wait_s > 0;
        let slots = engine.receive(self.queue_id, now_ms, self.count_max, self.visibility_s, is_long_poll)?;
        if slots.is_empty() {
            return Ok(None);
        }
        engine.stats.messages_received += slots.len() as u64;
        let epoch = engine.epoch;
        let queue = engine.queue(self.queue_id)?;
        let messages = || slots.iter().filter_map(|slot| Some((*slot, queue.message(*slot)?)));
        let size: usize = messages().map(|(_, message)| message.content.body_json.len() + 512).sum();
        let mut reply = Vec::with_capacity(size + 32);
        reply.extend_from_slice(b"{\"Messages\":[");
        for (index, (slot, message)) in messages().enumerate() {
            if index > 0 {
                reply.push(b',');
            }
            let receipt = Receipt {
                epoch,
                queue_id: self.queue_id,
                receive_number: message.receive_count,
                serial: message.serial,
                slot,
            };
            self.write(&mut reply, message, &receipt);
        }
        reply.extend_from_slice(b"]}");
        Ok(Some(reply))
    }

    fn write(&self, out: &mut Vec<u8>, message: &Message, receipt: &Receipt) {
        let content = &message.content;
        out.extend_from_slice(b"{\"MessageId\":\"");
        push_uuid(out, content.id);
        out.extend_from_slice(b"\",\"ReceiptHandle\":\"");
        receipt.write(out);
        out.extend_from_slice(b"\",\"MD5OfBody\":\"");
        push_hex(out, &content.body_md5);
        out.extend_from_slice(b"\",\"Body\":");
        out.extend_from_slice(content.body_json.as_bytes());
        if self.system.0 != 0 {
            self.write_system(out, message);
        }
        if let Some(extras) = &content.extras {
            self.write_attributes(out, &extras.attributes);
        }
        out.push(b'}');
    }

    fn write_system(&self, out: &mut Vec<u8>, message: &Message) {
        let extras = message.content.extras.as_deref();
        out.extend_from_slice(b",\"Attributes\":{");
        let start = out.len();
        for (index, name) in SYSTEM_NAMES.into_iter().enumerate() {
            if !self.system.has(index) {
                continue;
            }
            match name {
                "SenderId" => push_text(out, start, name, ACCOUNT_ID),
                "SentTimestamp" => push_number(out, start, name, message.content.sent_ms),
                "ApproximateReceiveCount" => push_number(out, start, name, message.receive_count.into()),
                "ApproximateFirstReceiveTimestamp" => {
                    push_number(out, start, name, message.first_received_ms);
                }
                _ => {
                    let text = extras.and_then(|extras| match name {
                        "AWSTraceHeader" => extras.trace_header.as_deref(),
                        "MessageGroupId" => extras.group_id.as_deref(),
                        _ => extras.dead_letter_source_arn.as_deref(),
                    });
                    if let Some(text) = text {
                        push_text(out, start, name, text);
                    }
                }
            }
        }
        out.push(b'}');
    }

    fn write_attributes(&self, out: &mut Vec<u8>, attributes: &[MessageAttribute]) {
        let asked = || attributes.iter().filter(|attribute| self.filter.takes(&attribute.name));
        if asked().next().is_none() {
            return;
        }
        out.extend_from_slice(b",\"MD5OfMessageAttributes\":\"");
        push_hex(out, &digest(asked()));
        out.extend_from_slice(b"\",\"MessageAttributes\":");
        let shown: serde_json::Map<_, _> =
            asked().map(|attribute| (attribute.name.clone(), serde_json::json!(attribute.value))).collect();
        out.extend_from_slice(serde_json::Value::Object(shown).to_string().as_bytes());
    }
}

fn push_name(out: &mut Vec<u8>, start: usize, name: &str) {
    if out.len() > start {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn push_number(out: &mut Vec<u8>, start: usize, name: &str, number: u64) {
    push_name(out, start, name);
    out.push(b'"');
    out.extend_from_slice(number.to_string().as_bytes());
    out.push(b'"');
}

fn push_text(out: &mut Vec<u8>, start: usize, name: &str, text: &str) {
    push_name(out, start, name);
    out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
}
