//! The name of an event in Redis.

use crate::encoding::Encoder;

const MARK_V1: u8 = 0x81;

/// How many hash tags there are, hence how many calls a batch costs in a cluster at most.
pub const TAGS: u8 = 16;

/// Length of a mark key: `pf:{7}:` and 22 characters.
pub const MARK_KEY_LEN: usize = 7 + ENCODED_HASH_LEN;

const ENCODED_HASH_LEN: usize = 22;
const TAG_DIGITS: &[u8; TAGS as usize] = b"0123456789abcdef";
const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Appends the mark key of one event to `out`, [`MARK_KEY_LEN`] bytes of printable ASCII.
///
/// `ledger_id` names the database, so that marks written for another database, or for this one before it was restored
/// from a backup under a new id, never count.
pub fn mark_key(ledger_id: &str, payment_id: &str, source: &str, event_id: &str, out: &mut Vec<u8>) {
    let mut encoder = Encoder::new(MARK_V1);
    encoder.text(ledger_id);
    encoder.text(payment_id);
    encoder.text(source);
    encoder.text(event_id);
    let hash = encoder.finish();

    out.reserve(MARK_KEY_LEN);
    out.extend_from_slice(b"pf:{");
    out.push(TAG_DIGITS[usize::from(tag_of(payment_id))]);
    out.extend_from_slice(b"}:");
    out.extend_from_slice(&base64url(hash));
}

/// The hash tag of a payment, 0 to 15: FNV-1a, folded. All events of a payment share a slot.
pub fn tag_of(payment_id: &str) -> u8 {
    let hash = payment_id
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let folded = hash ^ (hash >> 16);
    ((folded ^ (folded >> 8)) % u32::from(TAGS)) as u8
}

/// Base64 for URLs without padding: six bits a character, the last one carries two.
fn base64url(hash: [u8; 16]) -> [u8; ENCODED_HASH_LEN] {
    let bits = u128::from_be_bytes(hash);
    let mut text = [0; ENCODED_HASH_LEN];
    for (position, character) in text[..ENCODED_HASH_LEN - 1].iter_mut().enumerate() {
        *character = BASE64URL[(bits >> (122 - 6 * position)) as usize & 63];
    }
    text[ENCODED_HASH_LEN - 1] = BASE64URL[(bits << 4) as usize & 63];
    text
}
