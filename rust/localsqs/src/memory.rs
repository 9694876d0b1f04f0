//! The memory cap over all queues.

use std::cell::Cell;

use crate::error::{ErrorKind, SqsError};

/// How much memory the messages of all queues take.
#[derive(Debug)]
pub struct MemoryGauge {
    used_bytes: Cell<u64>,
    cap_bytes: u64,
}

impl MemoryGauge {
    /// An empty gauge.
    pub fn new(cap_bytes: u64) -> Self {
        Self { used_bytes: Cell::new(0), cap_bytes }
    }

    /// What is taken, in bytes.
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes.get()
    }

    /// What may be taken, in bytes.
    pub fn cap_bytes(&self) -> u64 {
        self.cap_bytes
    }

    /// Counts a message in.
    pub fn add(&self, bytes: u64) {
        self.used_bytes.set(self.used_bytes.get() + bytes);
    }

    /// Counts a message out.
    pub fn sub(&self, bytes: u64) {
        self.used_bytes.set(self.used_bytes.get() - bytes);
    }

    /// Refuses what would go past the cap.
    pub fn admit(&self, bytes: u64) -> Result<(), SqsError> {
        if self.used_bytes() + bytes <= self.cap_bytes {
            return Ok(());
        }
        Err(SqsError::new(
            ErrorKind::RequestThrottled,
            format!(
                "The messages of all queues take {} bytes and the memory cap of this server is {} bytes; receive \
                 and delete messages, or raise the cap.",
                self.used_bytes(),
                self.cap_bytes
            ),
        ))
    }
}
