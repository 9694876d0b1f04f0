//! Sending: bodies packed into calls of ten and of 1 MiB at most.

use std::time::Duration;

use crate::client::Client;
use crate::error::CallError;
use crate::wire::{Action, BATCH_MAX, BatchAnswer, ENTRY_IDS, Entries, SEND_BYTES_MAX, SendEntry};

/// One message to send.
pub struct Outgoing {
    /// The body; bytes that are no UTF-8 are replaced, since SQS takes text only.
    pub body: Vec<u8>,
    /// Attributes of type String: names and values.
    pub attributes: Vec<(String, String)>,
}

impl Outgoing {
    /// Size as SQS counts it: body, names, values and the type of each attribute.
    pub fn size(&self) -> usize {
        let attribute = |(name, value): &(String, String)| name.len() + value.len() + "String".len();
        self.body.len() + self.attributes.iter().map(attribute).sum::<usize>()
    }
}

/// Cuts messages into runs that fit one call each, in order.
pub fn pack(messages: Vec<(usize, Outgoing)>) -> Vec<Vec<(usize, Outgoing)>> {
    let mut runs: Vec<Vec<_>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        let size = message.1.size();
        match runs.last_mut() {
            Some(run) if run.len() < BATCH_MAX && bytes + size <= SEND_BYTES_MAX => {
                run.push(message);
                bytes += size;
            }
            _ => {
                runs.push(vec![message]);
                bytes = size;
            }
        }
    }
    runs
}

/// Sends one run. Returns who failed, by the number that came with the message, and why.
pub async fn send(
    client: &Client,
    queue_url: &str,
    run: &[(usize, Outgoing)],
    deadline: Duration,
) -> Result<Vec<(usize, String)>, CallError> {
    let entries: Vec<_> = run
        .iter()
        .zip(ENTRY_IDS)
        .map(|((_, message), id)| SendEntry {
            id,
            message_body: String::from_utf8_lossy(&message.body),
            message_attributes: message.attributes.iter().map(attribute).collect(),
        })
        .collect();
    let request = Entries { queue_url, entries: &entries };
    let BatchAnswer { failed } = client.ask(Action::SendMessageBatch, &request, deadline).await?;
    let reason = |code: String, text: Option<String>| match text {
        Some(text) => format!("{code}: {text}"),
        None => code,
    };
    Ok(failed
        .into_iter()
        .filter_map(|entry| Some((run.get(entry.position()?)?.0, reason(entry.code, entry.message))))
        .collect())
}

fn attribute((name, value): &(String, String)) -> (String, serde_json::Value) {
    (name.clone(), serde_json::json!({ "DataType": "String", "StringValue": value }))
}

#[cfg(test)]
mod tests {
    use super::{Outgoing, SEND_BYTES_MAX, pack};

    fn runs(sizes: &[usize]) -> Vec<usize> {
        let message = |size: &usize| Outgoing { body: vec![b'x'; *size], attributes: Vec::new() };
        let messages = sizes.iter().map(message).enumerate().collect();
        pack(messages).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_call_takes_ten_messages_or_one_mebibyte() {
        assert_eq!(runs(&[1; 23]), [10, 10, 3]);
        assert_eq!(runs(&[SEND_BYTES_MAX, 1, SEND_BYTES_MAX / 2, SEND_BYTES_MAX / 2]), [1, 2, 1]);
        assert!(runs(&[]).is_empty());
    }
}
