//! Wakes an event loop through a file descriptor, once for any number of events.

use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};

/// A byte lies in the socket exactly while there is something to look at.
pub struct Wake {
    reader: UnixStream,
    writer: UnixStream,
    raised: AtomicBool,
}

impl Wake {
    /// Opens the pair of sockets.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Self { reader, writer, raised: AtomicBool::new(false) })
    }

    /// Descriptor that is readable while there is something to look at.
    pub fn fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }

    /// Call after the event is where the loop will find it.
    pub fn raise(&self) {
        if !self.raised.swap(true, Ordering::SeqCst) {
            // One byte into an empty socket always fits; a closed one means that nobody listens any more.
            let _ = (&self.writer).write(&[1]);
        }
    }

    /// Call before looking for events, so that one that comes in between raises the flag anew.
    pub fn lower(&self) {
        let _ = (&self.reader).read(&mut [0; 8]);
        self.raised.store(false, Ordering::SeqCst);
    }
}
