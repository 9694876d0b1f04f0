//! A message as a queue keeps it.

use std::rc::Rc;

use md5::{Digest, Md5};

use crate::attributes::MessageAttribute;
use crate::error::{ErrorKind, SqsError};
use crate::limits::MESSAGE_OVERHEAD_BYTES;

/// What the sender gave, shared by all deliveries and copies of the message.
#[derive(Debug, PartialEq, Eq)]
pub struct Content {
    /// UUID of the message.
    pub id: u128,
    /// The body as a JSON string, quotes included, so that a receive merely copies it.
    pub body_json: Box<str>,
    /// MD5 of the body as the sender gave it.
    pub body_md5: [u8; 16],
    /// Size of body and attributes, in bytes, as SQS counts them.
    pub size_bytes: u64,
    /// When it was sent, in ms since the epoch. Kept when the message moves to a dead-letter queue.
    pub sent_ms: u64,
    /// What few messages have.
    pub extras: Option<Box<Extras>>,
}

/// What few messages have beside their body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Message attributes, sorted by name.
    pub attributes: Vec<MessageAttribute>,
    /// The `AWSTraceHeader` system attribute.
    pub trace_header: Option<String>,
    /// The group of a fair queue.
    pub group_id: Option<String>,
    /// The queue it came from, if this is a dead-letter queue.
    pub dead_letter_source_arn: Option<String>,
}

impl Content {
    /// What the message counts towards the memory cap, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.size_bytes + MESSAGE_OVERHEAD_BYTES
    }

    /// The same message as it arrives in a dead-letter queue of `source_arn`.
    pub fn dead_lettered(&self, source_arn: &str) -> Self {
        let mut extras = self.extras.as_deref().cloned().unwrap_or_default();
        extras.dead_letter_source_arn = Some(source_arn.to_owned());
        self.with(self.id, self.sent_ms, extras)
    }

    /// The same message as a move task sends it back: a new id and a new time.
    pub fn redriven(&self, id: u128, now_ms: u64) -> Self {
        let mut extras = self.extras.as_deref().cloned().unwrap_or_default();
        extras.dead_letter_source_arn = None;
        self.with(id, now_ms, extras)
    }

    fn with(&self, id: u128, sent_ms: u64, extras: Extras) -> Self {
        Self {
            id,
            body_json: self.body_json.clone(),
            body_md5: self.body_md5,
            size_bytes: self.size_bytes,
            sent_ms,
            extras: (extras != Extras::default()).then(|| Box::new(extras)),
        }
    }
}

/// Where a message stands in its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Visible: the next receive may take it.
    Ready,
    /// Sent with a delay that has not passed.
    Delayed,
    /// Received and neither deleted nor visible again.
    InFlight,
}

/// A message in a slot of its queue.
#[derive(Debug)]
pub struct Message {
    /// What the sender gave.
    pub content: Rc<Content>,
    /// Unique in the queue over its whole life.
    pub serial: u64,
    /// When delay or visibility timeout ends, in ms since the epoch.
    pub until_ms: u64,
    /// When it was first received, in ms since the epoch; 0 before.
    pub first_received_ms: u64,
    /// How often it was received.
    pub receive_count: u32,
    /// Where it stands.
    pub place: Place,
    /// Whether it is the second delivery that the duplicate switch made.
    pub is_copy: bool,
}

/// MD5 of `bytes`.
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

/// Refuses bodies that SQS refuses: XML 1.0 has no control characters but tab and line ends, and no U+FFFE, U+FFFF.
pub fn check_characters(body: &str) -> Result<(), SqsError> {
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    let bytes = body.as_bytes();
    if !bytes.iter().any(|byte| is_control(byte) || *byte == 0xef) {
        return Ok(());
    }
    if !bytes.iter().any(is_control) && !body.contains(['\u{fffe}', '\u{ffff}']) {
        return Ok(());
    }
    Err(SqsError::new(
        ErrorKind::InvalidMessageContents,
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD \
         | #x10000 to #x10FFFF",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_may_hold_what_xml_may_hold() {
        for (body, is_allowed) in [
            ("plain", true),
            ("tab\tline\r\n", true),
            ("\u{feff}\u{fffd}\u{10ffff}", true),
            ("nul\0", false),
            ("bell\u{7}", false),
            ("\u{fffe}", false),
            ("\u{ffff}", false),
        ] {
            assert_eq!(check_characters(body).is_ok(), is_allowed, "{body:?}");
        }
    }
}
