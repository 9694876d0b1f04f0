//! The SQS JSON protocol, as far as the intake speaks it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Entries that SQS takes in one batch call, and messages that it hands out in one receive.
pub const BATCH_MAX: usize = 10;

/// Bytes of all bodies and attributes in one send, and of any single message.
pub const SEND_BYTES_MAX: usize = 1_048_576;

/// An operation of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Hands out up to ten messages.
    ReceiveMessage,
    /// Deletes one message.
    DeleteMessage,
    /// Deletes up to ten messages.
    DeleteMessageBatch,
    /// Sets when up to ten messages become visible again.
    ChangeMessageVisibilityBatch,
    /// Sends up to ten messages.
    SendMessageBatch,
    /// Reads settings and depths of a queue.
    GetQueueAttributes,
}

impl Action {
    /// Value of the `X-Amz-Target` header.
    pub const fn target(self) -> &'static str {
        match self {
            Self::ReceiveMessage => "AmazonSQS.ReceiveMessage",
            Self::DeleteMessage => "AmazonSQS.DeleteMessage",
            Self::DeleteMessageBatch => "AmazonSQS.DeleteMessageBatch",
            Self::ChangeMessageVisibilityBatch => "AmazonSQS.ChangeMessageVisibilityBatch",
            Self::SendMessageBatch => "AmazonSQS.SendMessageBatch",
            Self::GetQueueAttributes => "AmazonSQS.GetQueueAttributes",
        }
    }
}

/// Body of `ReceiveMessage`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Receive<'a> {
    /// Queue to receive from.
    pub queue_url: &'a str,
    /// 1 to 10.
    pub max_number_of_messages: usize,
    /// 0 to 20 s.
    pub wait_time_seconds: u32,
    /// 0 to 43,200 s.
    pub visibility_timeout: u32,
    /// System attributes to send along.
    pub message_system_attribute_names: &'static [&'static str],
    /// Message attributes to send along.
    pub message_attribute_names: &'static [&'static str],
}

/// Body of `DeleteMessage`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Delete<'a> {
    /// Queue of the message.
    pub queue_url: &'a str,
    /// Handle of the delivery.
    pub receipt_handle: &'a str,
}

/// Body of every batch call.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Entries<'a, T: Serialize> {
    /// Queue that the entries are for.
    pub queue_url: &'a str,
    /// 1 to 10 entries.
    pub entries: &'a [T],
}

/// Entry of `DeleteMessageBatch`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteEntry<'a> {
    /// Position in the batch, as text.
    pub id: &'static str,
    /// Handle of the delivery.
    pub receipt_handle: &'a str,
}

/// Entry of `ChangeMessageVisibilityBatch`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VisibilityEntry<'a> {
    /// Position in the batch, as text.
    pub id: &'static str,
    /// Handle of the delivery.
    pub receipt_handle: &'a str,
    /// Seconds from now until the message is visible.
    pub visibility_timeout: u32,
}

/// Entry of `SendMessageBatch`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SendEntry<'a> {
    /// Position in the batch, as text.
    pub id: &'static str,
    /// The message.
    pub message_body: Cow<'a, str>,
    /// Attributes beside the body.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub message_attributes: serde_json::Map<String, serde_json::Value>,
}

/// Body of `GetQueueAttributes`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueAttributes<'a> {
    /// Queue to look at.
    pub queue_url: &'a str,
    /// Names of the attributes wanted.
    pub attribute_names: &'static [&'static str],
}

/// Answer to `ReceiveMessage`; SQS leaves `Messages` out when there are none.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Received<'a> {
    /// The messages handed out.
    #[serde(borrow, default)]
    pub messages: Option<Vec<Message<'a>>>,
}

/// One message handed out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Message<'a> {
    /// Identity of the message, the same at every delivery.
    #[serde(borrow, rename = "MessageId")]
    pub id: Cow<'a, str>,
    /// Handle of this delivery.
    #[serde(borrow)]
    pub receipt_handle: Cow<'a, str>,
    /// The body as it was sent.
    pub body: String,
    /// System attributes asked for.
    #[serde(borrow, default)]
    pub attributes: SystemAttributes<'a>,
    /// Message attributes asked for; hardly any message has them, and then they are not in the answer at all.
    #[serde(borrow, default, rename = "MessageAttributes")]
    pub own_attributes: OwnAttributes<'a>,
}

/// System attributes of a message; numbers travel as text.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SystemAttributes<'a> {
    /// Milliseconds since the epoch.
    #[serde(borrow, default)]
    pub sent_timestamp: Option<Cow<'a, str>>,
    /// Deliveries so far, this one included.
    #[serde(borrow, default)]
    pub approximate_receive_count: Option<Cow<'a, str>>,
}

/// Message attributes that the intake knows.
#[derive(Debug, Default, Deserialize)]
pub struct OwnAttributes<'a> {
    /// See [`crate::carried`].
    #[serde(borrow, default)]
    pub payflow_deferred: Option<TextAttribute<'a>>,
}

/// A message attribute of type String.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TextAttribute<'a> {
    /// Its value; None for an attribute of another type.
    #[serde(borrow, default)]
    pub string_value: Option<Cow<'a, str>>,
}

/// Answer to a batch call.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BatchAnswer {
    /// Entries refused, each for its own reason.
    #[serde(default)]
    pub failed: Vec<FailedEntry>,
}

/// One refused entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FailedEntry {
    /// Position in the batch, as text.
    pub id: String,
    /// Error code.
    #[serde(default)]
    pub code: String,
    /// Text for people.
    #[serde(default)]
    pub message: Option<String>,
    /// True if asking again cannot help.
    #[serde(default)]
    pub sender_fault: bool,
}

/// Identifiers of batch entries by position.
pub const ENTRY_IDS: [&str; BATCH_MAX] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

impl FailedEntry {
    /// Position of the entry in its batch; None if the answer names an entry that was not sent.
    pub fn position(&self) -> Option<usize> {
        ENTRY_IDS.iter().position(|id| *id == self.id)
    }
}

/// Answer to `GetQueueAttributes`, whose content does not matter: that it came does.
#[derive(Debug, Deserialize)]
pub struct Ignored {}

/// Error answer. The code stands behind a `#`. Some servers spell the text both ways at once.
#[derive(Debug, Default, Deserialize)]
pub struct ErrorAnswer {
    /// `com.amazonaws.sqs#QueueDoesNotExist`.
    #[serde(rename = "__type", default)]
    pub kind: String,
    /// Text for people.
    #[serde(default)]
    pub message: String,
    /// Text for people.
    #[serde(rename = "Message", default)]
    pub capital_message: String,
}

impl ErrorAnswer {
    /// The text, however it was spelt.
    pub fn into_text(self) -> String {
        if self.message.is_empty() { self.capital_message } else { self.message }
    }
}
