//! What each source of events is declared to do.

use std::collections::HashMap;

/// The declarations of one source that the machine depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourcePolicy {
    /// Whether authorizations of this source may be adjusted or added to. When not, an amount above the gross
    /// authorized amount can never fit and is quarantined at once instead of parked.
    pub adjustable: bool,
    /// How far captures may exceed the authorized amount, in hundredths of a per cent.
    pub overcapture_bps: u32,
    /// How long the source retries a delivery, in seconds; a fact parked for longer is an orphan.
    pub retry_horizon_s: u64,
}

/// The policy of every source, with one for those that are not named.
#[derive(Clone, Debug)]
pub struct Policies {
    default: SourcePolicy,
    by_source: HashMap<Box<str>, SourcePolicy>,
}

impl Policies {
    /// Policies under which every source behaves as `default`.
    pub fn new(default: SourcePolicy) -> Self {
        Self { default, by_source: HashMap::new() }
    }

    /// Declares one source, replacing an earlier declaration.
    pub fn insert(&mut self, source: &str, policy: SourcePolicy) {
        self.by_source.insert(source.into(), policy);
    }

    /// The policy that applies to a source.
    pub fn of(&self, source: &str) -> &SourcePolicy {
        self.by_source.get(source).unwrap_or(&self.default)
    }
}
