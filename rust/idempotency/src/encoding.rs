//! The canonical encoding: each part is unambiguous on its own, so their sequence is too.

use blake3::Hasher;

/// Long enough for the listed fields of nearly every event: BLAKE3 is fastest when it gets its input in one piece.
const BUFFER_LEN: usize = 512;

const ABSENT: u8 = 0;
const PRESENT: u8 = 1;

/// Gathers parts in a buffer on the stack and spills into the hasher when it is full.
pub(crate) struct Encoder {
    hasher: Option<Hasher>,
    buffer: [u8; BUFFER_LEN],
    filled: usize,
}

impl Encoder {
    /// `version` tells the kinds of hash apart, and a kind from its successors.
    pub(crate) fn new(version: u8) -> Self {
        let mut encoder = Self { hasher: None, buffer: [0; BUFFER_LEN], filled: 0 };
        encoder.bytes(&[version]);
        encoder
    }

    /// Four bytes of length, little endian, and the text.
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(&(text.len() as u32).to_le_bytes());
        self.bytes(text.as_bytes());
    }

    /// One byte of presence; when present, what `encode` makes of the value.
    pub(crate) fn option<T>(&mut self, value: Option<T>, encode: impl FnOnce(&mut Self, T)) {
        match value {
            None => self.bytes(&[ABSENT]),
            Some(value) => {
                self.bytes(&[PRESENT]);
                encode(self, value);
            }
        }
    }

    /// Eight bytes, little endian.
    pub(crate) fn integer(&mut self, integer: i64) {
        self.bytes(&integer.to_le_bytes());
    }

    /// One byte.
    pub(crate) fn small(&mut self, small: u8) {
        self.bytes(&[small]);
    }

    /// First half of the BLAKE3 hash over all parts.
    pub(crate) fn finish(self) -> [u8; 16] {
        let tail = &self.buffer[..self.filled];
        let hash = match self.hasher {
            None => blake3::hash(tail),
            Some(mut hasher) => hasher.update(tail).finalize(),
        };
        let mut half = [0; 16];
        half.copy_from_slice(&hash.as_bytes()[..16]);
        half
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if self.filled + bytes.len() > BUFFER_LEN {
            let hasher = self.hasher.get_or_insert_default();
            hasher.update(&self.buffer[..self.filled]);
            self.filled = 0;
            if bytes.len() > BUFFER_LEN {
                hasher.update(bytes);
                return;
            }
        }
        self.buffer[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
    }
}
