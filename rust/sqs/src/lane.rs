//! Which lane a message belongs to: the hash of its payment, found without decoding the event.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;

/// What can hold the payment id: the event itself, or one of the envelopes that decoding unwraps.
#[derive(Deserialize)]
struct Peek<'a> {
    #[serde(borrow, default)]
    payment_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    specversion: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    subject: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "Message", default)]
    message: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    detail: Option<Inner<'a>>,
}

#[derive(Deserialize)]
struct Inner<'a> {
    #[serde(borrow, default)]
    payment_id: Option<Cow<'a, str>>,
}

/// The payment id in `body`, or None if there is none to be found.
fn payment_id(body: &[u8]) -> Option<Cow<'_, str>> {
    let peek: Peek<'_> = serde_json::from_slice(body).ok()?;
    if peek.payment_id.is_some() {
        return peek.payment_id;
    }
    if peek.specversion.is_some() && peek.subject.is_some() {
        return peek.subject;
    }
    if let Some(message) = peek.message {
        let inner: Inner<'_> = serde_json::from_str(&message).ok()?;
        return inner.payment_id.map(|id| Cow::Owned(id.into_owned()));
    }
    peek.detail?.payment_id
}

/// Lane of a message, 0 to `lanes - 1`. Events of one payment share a lane; a message without a payment goes
/// by its message id. A wrong lane is never wrong, only slower: two lanes would meet at the payment's row lock.
pub fn lane_of(body: &[u8], message_id: &str, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    match payment_id(body) {
        Some(id) => id.hash(&mut hasher),
        None => message_id.hash(&mut hasher),
    }
    (hasher.finish() % lanes.max(1) as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::{lane_of, payment_id};

    #[test]
    fn every_envelope_leads_to_the_same_payment() {
        let bodies = [
            r#"{"event_id":"e","payment_id":"pay_1","metadata":{"payment_id":"other"}}"#,
            r#"{"specversion":"1.0","id":"e","subject":"pay_1","data":{"amount":{}}}"#,
            r#"{"Type":"Notification","Message":"{\"event_id\":\"e\",\"payment_id\":\"pay_1\"}"}"#,
            r#"{"detail-type":"x","detail":{"payment_id":"pay_1"}}"#,
            r#"{"payment_id":"pay\u005f1"}"#,
        ];
        for body in bodies {
            assert_eq!(payment_id(body.as_bytes()).as_deref(), Some("pay_1"), "{body}");
            assert_eq!(lane_of(body.as_bytes(), "m", 64), lane_of(bodies[0].as_bytes(), "n", 64));
        }
    }

    #[test]
    fn junk_goes_by_its_message_id() {
        for body in
            [&b"not json"[..], b"", b"\xff\xfe", b"[1,2]", br#"{"payment_id":7}"#, br#"{"Message":"x"}"#]
        {
            assert_eq!(payment_id(body), None);
            assert_eq!(lane_of(body, "m-1", 16), lane_of(b"else", "m-1", 16));
        }
    }

    #[test]
    fn lanes_are_used_evenly() {
        let mut counts = [0; 8];
        for n in 0..8000 {
            counts[lane_of(format!("{{\"payment_id\":\"pay_{n}\"}}").as_bytes(), "m", 8)] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
    }
}
