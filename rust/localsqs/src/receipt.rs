//! Receipt handles: where a message is kept, which message, and which of its receives the handle stands for.

use crate::ident::{mix, parse_hex, push_hex};

/// What a receipt handle says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The run of the server that gave the handle out. A handle of an earlier run is merely old.
    pub epoch: u32,
    /// The queue it was received from.
    pub queue_id: u32,
    /// Which receive of the message it was, counted from 1.
    pub receive_number: u32,
    /// The message, by its serial in the queue.
    pub serial: u64,
    /// Where the message is kept.
    pub slot: u32,
}

const BYTES: usize = 28;

impl Receipt {
    /// Writes the handle: 56 hexadecimal digits.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut bytes = [0; BYTES];
        bytes[..4].copy_from_slice(&self.epoch.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.queue_id.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.receive_number.to_be_bytes());
        bytes[12..20].copy_from_slice(&self.serial.to_be_bytes());
        bytes[20..24].copy_from_slice(&self.slot.to_be_bytes());
        bytes[24..].copy_from_slice(&self.check().to_be_bytes());
        push_hex(out, &bytes);
    }

    /// Reads a handle; `None` when this server can't have made it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; BYTES];
        if !parse_hex(text.as_bytes(), &mut bytes) {
            return None;
        }
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let receipt = Self {
            epoch: word(0),
            queue_id: word(4),
            receive_number: word(8),
            serial: u64::from(word(12)) << 32 | u64::from(word(16)),
            slot: word(20),
        };
        (receipt.check() == word(24)).then_some(receipt)
    }

    fn check(&self) -> u32 {
        let places = u64::from(self.queue_id) << 32 | u64::from(self.slot);
        let times = u64::from(self.epoch) << 32 | u64::from(self.receive_number);
        mix(mix(mix(places) ^ times) ^ self.serial) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_read_back_and_a_changed_one_is_refused() {
        let receipt = Receipt { epoch: 9, queue_id: 3, receive_number: 2, serial: 1 << 40 | 5, slot: 77 };
        let mut text = Vec::new();
        receipt.write(&mut text);
        let text = String::from_utf8(text).unwrap();
        assert_eq!(Receipt::parse(&text), Some(receipt));
        for (index, digit) in text.char_indices() {
            let other = if digit == '0' { "1" } else { "0" };
            let changed = format!("{}{other}{}", &text[..index], &text[index + 1..]);
            assert_eq!(Receipt::parse(&changed), None, "digit {index}");
        }
        assert_eq!(Receipt::parse("AQEB"), None);
    }
}
