//! The native half of the intake: long polls, lanes, the in-flight tracker, batched deletes and visibility changes.
//!
//! Everything here runs on one tokio thread of its own, outside the interpreter lock. Whoever consumes the
//! messages is woken through a file descriptor and takes whole batches; see [`Intake`].
//!
//! Of the official AWS SDK it uses the credential and region chain (`aws-config`) and the signer (`aws-sigv4`). The
//! generated client is left out for its cost a call; the figures are in docs/intake.md.

mod allowance;
mod buffer;
mod carried;
mod changes;
mod client;
mod core;
mod counters;
mod credentials;
mod deletes;
mod error;
mod histogram;
mod intake;
mod lane;
mod lanes;
mod letters;
mod options;
mod polls;
mod sender;
mod sends;
mod tracker;
mod wake;
mod wire;

pub use client::Target;
pub use counters::{Counter, Counters};
pub use credentials::StaticKey;
pub use error::CallError;
pub use histogram::{Counted, Histogram};
pub use intake::{Gauges, Intake, StopReport};
pub use lane::lane_of;
pub use lanes::Queued;
pub use letters::Letter;
pub use options::Options;
pub use sender::Sender;
