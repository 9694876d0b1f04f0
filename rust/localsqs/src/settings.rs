//! Attributes of a queue: read, checked, compared and shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ErrorKind, SqsError};
use crate::limits::{
    DELAY_S_MAX, MAX_RECEIVE_COUNT_MAX, MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX_LOWEST, RETENTION_S_MAX,
    RETENTION_S_MIN, VISIBILITY_TIMEOUT_S_MAX, WAIT_S_MAX,
};

/// What a client can set on a queue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct QueueSettings {
    /// Delay of messages that name none.
    pub delay_s: u64,
    /// Largest message.
    pub message_bytes_max: u64,
    /// Attributes that are kept and shown but mean nothing here: policies and encryption.
    pub kept: BTreeMap<String, String>,
    /// Wait of receives that name none.
    pub receive_wait_s: u64,
    /// Where messages go that are received too often.
    pub redrive: Option<RedrivePolicy>,
    /// How long a message is kept.
    pub retention_s: u64,
    /// Visibility timeout of receives that name none.
    pub visibility_timeout_s: u64,
}

/// Where messages go that are received too often.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RedrivePolicy {
    /// The dead-letter queue.
    pub dead_letter_target_arn: String,
    /// Receives that a message may have before it moves.
    pub max_receive_count: u64,
}

/// Attributes that are kept and shown only.
pub const KEPT_ATTRIBUTES: [&str; 5] = [
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "SqsManagedSseEnabled",
];
/// Attributes that only FIFO queues have.
pub const FIFO_ATTRIBUTES: [&str; 4] =
    ["ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit"];

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            delay_s: 0,
            message_bytes_max: MESSAGE_BYTES_MAX,
            kept: BTreeMap::from([("SqsManagedSseEnabled".to_owned(), "true".to_owned())]),
            receive_wait_s: 0,
            redrive: None,
            retention_s: 345_600,
            visibility_timeout_s: 30,
        }
    }
}

impl QueueSettings {
    /// These settings with `attributes` laid over them.
    pub fn with(&self, attributes: &BTreeMap<String, String>) -> Result<Self, SqsError> {
        let mut settings = self.clone();
        for (name, value) in attributes {
            settings.set(name, value)?;
        }
        Ok(settings)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SqsError> {
        match name {
            "DelaySeconds" => self.delay_s = number(name, value, 0, DELAY_S_MAX)?,
            "MaximumMessageSize" => {
                self.message_bytes_max = number(name, value, MESSAGE_BYTES_MAX_LOWEST, MESSAGE_BYTES_MAX)?;
            }
            "MessageRetentionPeriod" => {
                self.retention_s = number(name, value, RETENTION_S_MIN, RETENTION_S_MAX)?;
            }
            "ReceiveMessageWaitTimeSeconds" => self.receive_wait_s = number(name, value, 0, WAIT_S_MAX)?,
            "RedrivePolicy" => self.redrive = redrive_policy(value)?,
            "VisibilityTimeout" => {
                self.visibility_timeout_s = number(name, value, 0, VISIBILITY_TIMEOUT_S_MAX)?;
            }
            _ if KEPT_ATTRIBUTES.contains(&name) => self.keep(name, value),
            _ if FIFO_ATTRIBUTES.contains(&name) => return Err(no_fifo(&format!("attribute {name}"))),
            _ => return Err(unknown_attribute(name)),
        }
        Ok(())
    }

    fn keep(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.kept.remove(name);
        } else {
            self.kept.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The first attribute whose value differs from that in `other`.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let (own, others) = (self.shown(), other.shown());
        let differs = |name: &&String| own.get(*name) != others.get(*name);
        own.keys().chain(others.keys()).find(differs).cloned()
    }

    /// Names and values as `GetQueueAttributes` shows them.
    pub fn shown(&self) -> BTreeMap<String, String> {
        let mut shown = self.kept.clone();
        let numbers = [
            ("DelaySeconds", self.delay_s),
            ("MaximumMessageSize", self.message_bytes_max),
            ("MessageRetentionPeriod", self.retention_s),
            ("ReceiveMessageWaitTimeSeconds", self.receive_wait_s),
            ("VisibilityTimeout", self.visibility_timeout_s),
        ];
        shown.extend(numbers.map(|(name, value)| (name.to_owned(), value.to_string())));
        if let Some(policy) = &self.redrive {
            let text = serde_json::json!({
                "deadLetterTargetArn": policy.dead_letter_target_arn,
                "maxReceiveCount": policy.max_receive_count,
            });
            shown.insert("RedrivePolicy".to_owned(), text.to_string());
        }
        shown
    }
}

/// The refusal of all that only FIFO queues have.
pub fn no_fifo(what: &str) -> SqsError {
    SqsError::new(
        ErrorKind::UnsupportedOperation,
        format!("{what} asks for a FIFO queue; this server has standard queues only. Leave it out."),
    )
}

/// The refusal of an attribute that SQS does not know.
pub fn unknown_attribute(name: &str) -> SqsError {
    SqsError::new(ErrorKind::InvalidAttributeName, format!("Unknown Attribute {name}."))
}

fn number(name: &str, value: &str, min: u64, max: u64) -> Result<u64, SqsError> {
    value.parse().ok().filter(|number| (min..=max).contains(number)).ok_or_else(|| {
        SqsError::new(
            ErrorKind::InvalidAttributeValue,
            format!("Invalid value for the parameter {name}. Reason: Must be between {min} and {max}."),
        )
    })
}

fn redrive_policy(value: &str) -> Result<Option<RedrivePolicy>, SqsError> {
    if value.is_empty() {
        return Ok(None);
    }
    let invalid = |reason: &str| SqsError::invalid(value, "RedrivePolicy", reason);
    let policy: Value =
        serde_json::from_str(value).map_err(|_| invalid("Redrive policy is not a valid JSON map."))?;
    let arn = policy.get("deadLetterTargetArn").and_then(Value::as_str);
    let arn = arn.ok_or_else(|| {
        invalid("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
    })?;
    let count = match policy.get("maxReceiveCount") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(count) => count.as_u64(),
        None => return Err(invalid("Redrive policy does not contain mandatory attribute: maxReceiveCount.")),
    };
    match count {
        Some(count) if (1..=MAX_RECEIVE_COUNT_MAX).contains(&count) => {
            Ok(Some(RedrivePolicy { dead_letter_target_arn: arn.to_owned(), max_receive_count: count }))
        }
        _ => {
            Err(invalid("Invalid value for maxReceiveCount, valid values are from 1 to 1000 both inclusive."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_takes_its_range_and_nothing_else() {
        for (name, value, kind) in [
            ("VisibilityTimeout", "0", None),
            ("VisibilityTimeout", "43200", None),
            ("VisibilityTimeout", "43201", Some(ErrorKind::InvalidAttributeValue)),
            ("MessageRetentionPeriod", "59", Some(ErrorKind::InvalidAttributeValue)),
            ("MessageRetentionPeriod", "60", None),
            ("MessageRetentionPeriod", "1209601", Some(ErrorKind::InvalidAttributeValue)),
            ("MaximumMessageSize", "1048577", Some(ErrorKind::InvalidAttributeValue)),
            ("DelaySeconds", "901", Some(ErrorKind::InvalidAttributeValue)),
            ("DelaySeconds", "soon", Some(ErrorKind::InvalidAttributeValue)),
            ("ReceiveMessageWaitTimeSeconds", "21", Some(ErrorKind::InvalidAttributeValue)),
            ("FifoQueue", "true", Some(ErrorKind::UnsupportedOperation)),
            ("Colour", "red", Some(ErrorKind::InvalidAttributeName)),
            ("RedrivePolicy", "{}", Some(ErrorKind::InvalidParameterValue)),
            ("RedrivePolicy", "", None),
        ] {
            let attributes = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            let refused = QueueSettings::default().with(&attributes).err().map(|error| error.kind);
            assert_eq!(refused, kind, "{name}={value}");
        }
    }

    #[test]
    fn a_redrive_count_may_be_text_or_number_and_is_shown_as_a_number() {
        for count in ["3", "\"3\""] {
            let policy = format!(r#"{{"deadLetterTargetArn":"arn:x","maxReceiveCount":{count}}}"#);
            let attributes = BTreeMap::from([("RedrivePolicy".to_owned(), policy)]);
            let settings = QueueSettings::default().with(&attributes).unwrap();
            let shown = settings.shown();
            assert_eq!(shown["RedrivePolicy"], r#"{"deadLetterTargetArn":"arn:x","maxReceiveCount":3}"#);
        }
    }
}
