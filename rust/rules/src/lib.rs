//! Business rules: CEL conditions over an event, its payment and the verdict; compiled once, capped, evaluated fast.
//!
//! A condition goes through [`RuleSet::compile`] once: it is parsed, checked (every name, every type, every cap),
//! indexed by the values that it needs, and lowered to slots. [`RuleSet::evaluate`] then runs the few rules that an
//! event leaves possible. The language is CEL's own, parsed and evaluated by the `cel` crate; the check only narrows it
//! to what has a static type and a static cost.

mod check;
#[cfg(test)]
mod equivalence;
mod facts;
mod field;
mod lower;
mod parse;
mod prefilter;
mod resolver;
mod ruleset;
mod source;
mod types;
mod vocabulary;

pub use facts::{EventFacts, Facts, PaymentFacts};
pub use field::fields;
pub use ruleset::{Hit, RuleSet};
pub use source::{Caps, RuleError, RuleSource, Severity};
pub use vocabulary::{
    DISPUTE_STAGES, DISPUTE_STATES, DISPUTE_STATUSES, EVENT_TYPES, PAYMENT_STATUSES, VERDICTS,
};
