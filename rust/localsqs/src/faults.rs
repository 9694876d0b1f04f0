//! Fault switches: what real queues do to their users now and then, on demand and repeatable.
//!
//! No switch draws from a running random stream. Each decision is a hash of the seed, the switch and a counter (the
//! serial of the message, the number of the call of that action, the number of the batch entry), so turning one
//! switch on does not move the decisions of another, and the same calls with the same seed meet the same faults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::ident::mix;

/// All switches; a share is between 0 (never) and 1 (always).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultSettings {
    /// Makes a run repeatable.
    pub seed: u64,
    /// Share of messages that are delivered twice: half of the copies at once, half after all that waits.
    pub duplicate: f64,
    /// Share of deliveries that take a message out of turn.
    pub reorder: f64,
    /// How many places ahead such a message may be taken from.
    pub reorder_window: usize,
    /// Share of messages that become visible late.
    pub delay: f64,
    /// How late, in ms.
    pub delay_ms: u64,
    /// Share of calls answered with `RequestThrottled`, and not carried out.
    pub throttle: f64,
    /// Share of batch entries that fail.
    pub partial_batch_failure: f64,
    /// Share of calls that are carried out but whose connection closes without a reply.
    pub lost_reply: f64,
    /// Time that each call takes longer, in ms: half before it is carried out, half after.
    pub added_latency_ms: u64,
    /// Up to this much more, evenly spread, in ms.
    pub latency_jitter_ms: u64,
    /// Other values for single actions, by the name of the action.
    pub actions: BTreeMap<String, ActionFaults>,
}

/// Values for one action; what is missing is as for all.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionFaults {
    /// See [`FaultSettings::throttle`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle: Option<f64>,
    /// See [`FaultSettings::partial_batch_failure`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial_batch_failure: Option<f64>,
    /// See [`FaultSettings::lost_reply`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_reply: Option<f64>,
    /// See [`FaultSettings::added_latency_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_latency_ms: Option<u64>,
    /// See [`FaultSettings::latency_jitter_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_jitter_ms: Option<u64>,
}

/// The longest latency or delay that a switch may add: one hour.
const ADDED_MS_MAX: u64 = 3_600_000;

impl Default for FaultSettings {
    fn default() -> Self {
        Self {
            seed: 0,
            duplicate: 0.0,
            reorder: 0.0,
            reorder_window: 100,
            delay: 0.0,
            delay_ms: 1_000,
            throttle: 0.0,
            partial_batch_failure: 0.0,
            lost_reply: 0.0,
            added_latency_ms: 0,
            latency_jitter_ms: 0,
            actions: BTreeMap::new(),
        }
    }
}

impl FaultSettings {
    /// Reads and checks the switches; the error names the field, the rule and the fix.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let settings: Self = serde_json::from_slice(json).map_err(|error| format!("faults: {error}"))?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), String> {
        let mut shares = vec![
            ("duplicate".to_owned(), self.duplicate),
            ("reorder".to_owned(), self.reorder),
            ("delay".to_owned(), self.delay),
            ("throttle".to_owned(), self.throttle),
            ("partial_batch_failure".to_owned(), self.partial_batch_failure),
            ("lost_reply".to_owned(), self.lost_reply),
        ];
        let mut times = vec![self.delay_ms, self.added_latency_ms, self.latency_jitter_ms];
        for (name, faults) in &self.actions {
            if Action::parse(name).is_none() {
                return Err(format!(
                    "faults.actions: {name} is not an SQS action; name one, like ReceiveMessage"
                ));
            }
            let overrides = [faults.throttle, faults.partial_batch_failure, faults.lost_reply];
            shares.extend(overrides.into_iter().flatten().map(|share| (format!("actions.{name}"), share)));
            times.extend([faults.added_latency_ms, faults.latency_jitter_ms].into_iter().flatten());
        }
        if let Some((name, share)) = shares.iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            return Err(format!("faults.{name}: {share} is not a share; give a number from 0 to 1"));
        }
        if let Some(time_ms) = times.iter().find(|time_ms| **time_ms > ADDED_MS_MAX) {
            return Err(format!("faults: {time_ms} ms is too long; give at most {ADDED_MS_MAX} ms"));
        }
        Ok(())
    }
}

/// Switches with their counters.
#[derive(Debug)]
pub struct Faults {
    settings: FaultSettings,
    calls: [CallFaults; Action::COUNT],
    is_message_fault_on: bool,
    reorders_drawn: u64,
}

/// The switches of one action, resolved, with their counters.
#[derive(Clone, Copy, Debug, Default)]
struct CallFaults {
    throttle: f64,
    partial_batch_failure: f64,
    lost_reply: f64,
    added_latency_ms: u64,
    latency_jitter_ms: u64,
    is_on: bool,
    calls: u64,
    entries: u64,
}

/// What happens to one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallPlan {
    /// Answered with an error instead of being carried out.
    pub is_throttled: bool,
    /// Carried out, then cut off.
    pub loses_reply: bool,
    /// Time to add, in ms.
    pub latency_ms: u64,
}

#[derive(Clone, Copy)]
enum Switch {
    Duplicate = 1,
    CopyPlace,
    Delay,
    Reorder,
    ReorderPlace,
    Throttle,
    PartialBatchFailure,
    LostReply,
    Jitter,
}

impl Faults {
    /// Switches as `settings` say, all counters at 0.
    pub fn new(settings: FaultSettings) -> Self {
        let mut calls = [CallFaults::default(); Action::COUNT];
        for action in Action::ALL {
            let own = settings.actions.get(action.name()).cloned().unwrap_or_default();
            let faults = &mut calls[action as usize];
            faults.throttle = own.throttle.unwrap_or(settings.throttle);
            faults.partial_batch_failure =
                own.partial_batch_failure.unwrap_or(settings.partial_batch_failure);
            faults.lost_reply = own.lost_reply.unwrap_or(settings.lost_reply);
            faults.added_latency_ms = own.added_latency_ms.unwrap_or(settings.added_latency_ms);
            faults.latency_jitter_ms = own.latency_jitter_ms.unwrap_or(settings.latency_jitter_ms);
            faults.is_on = faults.throttle + faults.lost_reply > 0.0
                || faults.added_latency_ms + faults.latency_jitter_ms > 0;
        }
        let is_message_fault_on = settings.duplicate + settings.reorder + settings.delay > 0.0;
        Self { settings, calls, is_message_fault_on, reorders_drawn: 0 }
    }

    /// The switches as they stand.
    pub fn settings(&self) -> &FaultSettings {
        &self.settings
    }

    /// Decides over the next call of `action`.
    pub fn plan_call(&mut self, action: Action) -> CallPlan {
        let faults = &mut self.calls[action as usize];
        if !faults.is_on {
            return CallPlan::default();
        }
        faults.calls += 1;
        let faults = *faults;
        let draw = |switch| self.draw(switch, action as u64, faults.calls);
        CallPlan {
            is_throttled: draw(Switch::Throttle) < faults.throttle,
            loses_reply: draw(Switch::LostReply) < faults.lost_reply,
            latency_ms: faults.added_latency_ms
                + (draw(Switch::Jitter) * (faults.latency_jitter_ms + 1) as f64) as u64,
        }
    }

    /// Decides whether the next batch entry of `action` fails.
    pub fn fails_entry(&mut self, action: Action) -> bool {
        let faults = &mut self.calls[action as usize];
        if faults.partial_batch_failure <= 0.0 {
            return false;
        }
        faults.entries += 1;
        let (share, entries) = (faults.partial_batch_failure, faults.entries);
        self.draw(Switch::PartialBatchFailure, action as u64, entries) < share
    }

    /// How much later the message becomes visible than it should, in ms.
    pub fn delay_ms(&self, serial: u64) -> u64 {
        let is_late = self.is_message_fault_on && self.draw(Switch::Delay, 0, serial) < self.settings.delay;
        if is_late { self.settings.delay_ms } else { 0 }
    }

    /// Whether the message is delivered twice, and whether the copy comes right after.
    pub fn duplicate(&self, serial: u64) -> Option<CopyPlace> {
        if !self.is_message_fault_on || self.draw(Switch::Duplicate, 0, serial) >= self.settings.duplicate {
            return None;
        }
        let is_next = self.draw(Switch::CopyPlace, 0, serial) < 0.5;
        Some(if is_next { CopyPlace::Next } else { CopyPlace::Last })
    }

    /// How many places ahead the next delivery takes its message from, `waiting_count` messages being there.
    pub fn places_ahead(&mut self, waiting_count: usize) -> usize {
        if !self.is_message_fault_on || self.settings.reorder <= 0.0 {
            return 0;
        }
        self.reorders_drawn += 1;
        if self.draw(Switch::Reorder, 0, self.reorders_drawn) >= self.settings.reorder {
            return 0;
        }
        let window = waiting_count.min(self.settings.reorder_window) as f64;
        (self.draw(Switch::ReorderPlace, 0, self.reorders_drawn) * window) as usize
    }

    fn draw(&self, switch: Switch, lane: u64, counter: u64) -> f64 {
        const STEPS: f64 = (1_u64 << 53) as f64;
        let stream = mix(self.settings.seed ^ mix(switch as u64 ^ lane << 32));
        (mix(stream.wrapping_add(counter.wrapping_mul(0x9e37_79b9_7f4a_7c15))) >> 11) as f64 / STEPS
    }
}

/// Where the second delivery of a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyPlace {
    /// Before all that waits.
    Next,
    /// After all that waits.
    Last,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Faults {
        Faults::new(FaultSettings::parse(json.as_bytes()).unwrap())
    }

    #[test]
    fn the_same_seed_meets_the_same_faults_and_another_seed_others() {
        let plans = |seed: u64| {
            let mut faults = faults(&format!(r#"{{"seed": {seed}, "throttle": 0.3, "lost_reply": 0.2}}"#));
            (0..200).map(|_| faults.plan_call(Action::SendMessage)).collect::<Vec<_>>()
        };
        assert_eq!(plans(1), plans(1));
        assert_ne!(plans(1), plans(2));
    }

    #[test]
    fn a_share_is_met_over_many_draws() {
        let mut faults = faults(r#"{"seed": 3, "duplicate": 0.25, "partial_batch_failure": 0.1}"#);
        let copies = (0..10_000).filter(|serial| faults.duplicate(*serial).is_some()).count();
        let failures = (0..10_000).filter(|_| faults.fails_entry(Action::DeleteMessageBatch)).count();
        assert!((2_350..2_650).contains(&copies), "{copies}");
        assert!((900..1_100).contains(&failures), "{failures}");
    }

    #[test]
    fn an_action_may_have_values_of_its_own() {
        let mut faults = faults(r#"{"throttle": 1, "actions": {"DeleteMessage": {"throttle": 0}}}"#);
        assert!(faults.plan_call(Action::SendMessage).is_throttled);
        assert!(!faults.plan_call(Action::DeleteMessage).is_throttled);
    }

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        for (json, named) in [
            (r#"{"duplicate": 1.5}"#, "faults.duplicate"),
            (r#"{"actions": {"Send": {}}}"#, "Send is not an SQS action"),
            (r#"{"actions": {"SendMessage": {"throttle": -1}}}"#, "actions.SendMessage"),
            (r#"{"dupliacte": 0.1}"#, "dupliacte"),
            (r#"{"added_latency_ms": 99999999}"#, "too long"),
        ] {
            let error = FaultSettings::parse(json.as_bytes()).unwrap_err();
            assert!(error.contains(named), "{json}: {error}");
        }
    }
}
