//! An SQS-compatible server for one machine: standard queues, in memory, with switches for the faults of real ones.
//!
//! It speaks the AWS JSON 1.0 protocol as botocore and the SDKs for Rust and Go do. Signatures are not checked: bind
//! it to loopback. One thread serves everything, so nothing is locked: [`engine`] holds the state and takes the time
//! as an argument, [`calls`] reads and writes the JSON of each action, [`http`] carries them and does all waiting.
//!
//! Queues live in memory. A clean stop can save them to a file that the next start reads; a crash loses them.
//! What differs from SQS: one account and region, no FIFO queues, no signatures, policies and encryption settings
//! are kept but mean nothing, a deleted queue can be made again at once, and a queue can have any number of callers
//! waiting.

pub mod action;
mod admin;
mod attributes;
pub mod calls;
pub mod engine;
pub mod error;
pub mod faults;
pub mod http;
pub mod ident;
pub mod limits;
mod memory;
mod message;
mod move_tasks;
mod queue;
mod receipt;
pub mod server;
mod settings;
pub mod snapshot;
mod stats;
mod timers;

pub use server::{Options, ServeError, serve};
