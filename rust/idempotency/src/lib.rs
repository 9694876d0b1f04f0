//! Two hashes of an event, and nothing else.
//!
//! * The **fingerprint** is taken over the listed fields of the wire format, canonically encoded. Deliveries of one
//!   event have the same fingerprint; a different one under the same event id is a conflict.
//! * The **mark key** names the event in Redis. It is short, printable, and carries a hash tag, so that in a cluster
//!   the keys of a batch fall into at most [`TAGS`] slots.
//!
//! Both are BLAKE3 over an encoding in which every part has its length in front, so that no two different inputs
//! share an encoding. Neither ever changes meaning: a new encoding gets a new version byte.

mod encoding;
mod fingerprint;
mod mark;

pub use fingerprint::{Amount, Dispute, Fields, fingerprint};
pub use mark::{MARK_KEY_LEN, TAGS, mark_key, tag_of};
