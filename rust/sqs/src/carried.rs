//! What a message brings along that waited in the database for a while: who it was before, and what it has behind it.
//!
//! SQS gives such a message a new id, a new time and a count of receives that begins anew. Whoever parked it wrote the
//! old ones into one message attribute, so that attempts go on counting and dead letters name the message first sent.

use serde::Deserialize;

/// Name of the message attribute.
pub const ATTRIBUTE: &str = "payflow_deferred";

/// Longest id that is believed: those of SQS have 36 characters, those of other servers are not much longer.
const MESSAGE_ID_CHARS_MAX: usize = 100;

/// What the attribute says.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Carried {
    /// Id under which the message was first sent.
    pub message_id: String,
    /// When that was, in milliseconds since the epoch.
    pub sent_at_ms: i64,
    /// Deliveries before it was parked.
    pub receives: u32,
    /// Failed attempts before it was parked.
    pub attempts: u32,
}

impl Carried {
    /// Reads the attribute; None for what PayFlow didn't write, which is as good as no attribute.
    pub fn read(text: &str) -> Option<Self> {
        let carried: Self = serde_json::from_str(text).ok()?;
        let is_id = (1..=MESSAGE_ID_CHARS_MAX).contains(&carried.message_id.len())
            && carried.message_id.bytes().all(|byte| byte.is_ascii_graphic());
        (is_id && carried.sent_at_ms >= 0).then_some(carried)
    }
}

#[cfg(test)]
mod tests {
    use super::Carried;

    #[test]
    fn what_was_written_is_read() {
        let text = r#"{"message_id":"m-1","sent_at_ms":1700000000000,"receives":7,"attempts":6}"#;
        let expected =
            Carried { message_id: "m-1".to_owned(), sent_at_ms: 1_700_000_000_000, receives: 7, attempts: 6 };
        assert_eq!(Carried::read(text), Some(expected));
    }

    #[test]
    fn what_somebody_else_wrote_counts_for_nothing() {
        let long =
            format!(r#"{{"message_id":"{}","sent_at_ms":1,"receives":1,"attempts":1}}"#, "x".repeat(101));
        for text in [
            "",
            "7",
            r#"{"message_id":"","sent_at_ms":1,"receives":1,"attempts":1}"#,
            r#"{"message_id":"a b","sent_at_ms":1,"receives":1,"attempts":1}"#,
            r#"{"message_id":"m","sent_at_ms":-1,"receives":1,"attempts":1}"#,
            r#"{"message_id":"m","sent_at_ms":1,"receives":-1,"attempts":1}"#,
            r#"{"message_id":"m","sent_at_ms":1,"receives":1}"#,
            &long,
        ] {
            assert_eq!(Carried::read(text), None, "{text}");
        }
    }
}
