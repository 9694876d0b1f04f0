//! The payment machine: pure, no I/O, no Python.
//!
//! [`judge`] takes a payment under lock and one delivery, says which of seven classes the delivery has, and gives it
//! its effect. Everything that it computes is a function of the set of facts that were applied, never of their order:
//! operations only climb small lattices ([`lattice`]), sums are taken over operations, the status is derived.

mod application;
mod classification;
mod command;
mod event;
mod fact;
mod judge;
pub mod lattice;
mod parking;
mod payment;
mod policy;
mod slug;
mod status;
mod sums;
mod verdict;

pub use command::{ALLOWED, Command, Order, Refusal, order};
pub use event::{Currency, Dispute, DisputeStage, DisputeStatus, Event, EventKind, Fingerprint, Money};
pub use judge::{Judgement, Rejudged, Snapshot, judge};
pub use lattice::rank_name;
pub use parking::rejudge;
pub use payment::{Change, DisputeState, Operation, OperationKind, Parked, Payment, Seen, Status, Sums};
pub use policy::{Policies, SourcePolicy};
pub use slug::UnknownSlug;
pub use status::recompute;
pub use sums::{Invariant, SUM_LIMIT_MINOR};
pub use verdict::{Reason, Verdict};
