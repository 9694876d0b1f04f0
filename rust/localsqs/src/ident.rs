//! Ids of messages, requests and tasks, made without a system call each.

use std::hash::{BuildHasher, RandomState};

/// `SplitMix64`: small, fast and good enough for ids that must differ but need not be secret.
#[derive(Debug)]
pub struct Ids {
    state: u64,
}

impl Ids {
    /// Starts from what the operating system gave the process as randomness.
    pub fn random() -> Self {
        Self { state: RandomState::new().hash_one(std::time::SystemTime::now()) }
    }

    /// Starts from `seed`, so that a test gets the same ids each time.
    pub fn seeded(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// The next id, as a UUID of version 4.
    pub fn next_uuid(&mut self) -> u128 {
        let bits = (u128::from(self.next_u64()) << 64) | u128::from(self.next_u64());
        bits & !(0xf000 << 64) & !(0b11 << 62) | (0x4000 << 64) | (0b10 << 62)
    }
}

/// Spreads `bits` so that each of them moves about half of the result.
pub fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Writes `bytes` as lower-case hexadecimal digits.
pub fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        out.push(HEX[usize::from(byte >> 4)]);
        out.push(HEX[usize::from(byte & 15)]);
    }
}

/// `bytes` as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    push_hex(&mut out, bytes);
    out.into_iter().map(char::from).collect()
}

/// Reads exactly as many bytes as `out` has from hexadecimal digits.
pub fn parse_hex(text: &[u8], out: &mut [u8]) -> bool {
    text.len() == out.len() * 2
        && out.iter_mut().zip(text.chunks_exact(2)).all(|(byte, pair)| {
            let digits = (char::from(pair[0]).to_digit(16), char::from(pair[1]).to_digit(16));
            let (Some(high), Some(low)) = digits else { return false };
            *byte = (high << 4 | low) as u8;
            true
        })
}

/// Writes `id` in the five groups of a UUID.
pub fn push_uuid(out: &mut Vec<u8>, id: u128) {
    let bytes = id.to_be_bytes();
    for (index, group) in
        [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]].into_iter().enumerate()
    {
        if index > 0 {
            out.push(b'-');
        }
        push_hex(out, group);
    }
}

/// `id` in the five groups of a UUID.
pub fn uuid(id: u128) -> String {
    let mut out = Vec::with_capacity(36);
    push_uuid(&mut out, id);
    out.into_iter().map(char::from).collect()
}

/// Reads a UUID as [`uuid`] writes it.
pub fn parse_uuid(text: &str) -> Option<u128> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let mut bytes = [0; 16];
    parse_hex(&digits, &mut bytes).then(|| u128::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_four_and_are_read_back() {
        let mut ids = Ids::seeded(7);
        for _ in 0..100 {
            let text = uuid(ids.next_uuid());
            assert_eq!((text.len(), &text[14..15]), (36, "4"));
            assert!("89ab".contains(&text[19..20]), "{text}");
            assert_eq!(uuid(parse_uuid(&text).unwrap()), text);
        }
    }
}
