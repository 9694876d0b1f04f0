//! From locked rows to verdicts, alerts and the rows to write. The steps are Python's to call, the data stays here.

use payflow_ledger::{Creation, Decided, TrailEntry, Transition, WriteSet};
use payflow_lifecycle::{Event, Judgement, Payment, Policies, Rejudged, Snapshot, Verdict, judge};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::alerting::Alerts;
use crate::commands::verdicts_on_commands;
use crate::events::Events;
use crate::in_memory::{self, Standing};
use crate::locked::{Payments, PyPolicies};

/// What became of one delivery.
pub(crate) struct Decision {
    pub(crate) verdict: Verdict,
    pub(crate) reason: &'static str,
    pub(crate) path: Option<&'static str>,
    pub(crate) first: bool,
    pub(crate) before: Option<Snapshot>,
    pub(crate) after: Option<Snapshot>,
    pub(crate) rejudged: Vec<Rejudged>,
}

/// A parked fact that a sweep set free, and where its payment stands.
pub(crate) struct Freed {
    pub(crate) place: usize,
    pub(crate) rejudged: Rejudged,
}

/// One verdict for each event of the batch, and the payments as they are now.
#[pyclass(frozen, module = "payflow._native")]
pub struct Verdicts {
    pub(crate) batch: Py<Events>,
    pub(crate) payments: Vec<Payment>,
    pub(crate) places: Vec<Option<usize>>,
    pub(crate) decisions: Vec<Decision>,
    /// Parked facts that left without a delivery; a batch of deliveries has none.
    pub(crate) freed: Vec<Freed>,
}

/// Judges every event of the batch in order of arrival. Uses up `payments`.
#[pyfunction]
fn apply(events: Py<Events>, payments: &mut Payments, policies: &PyPolicies) -> PyResult<Verdicts> {
    let mut under_lock = payments
        .payments
        .take()
        .ok_or_else(|| PyValueError::new_err("these payments were applied already"))?;
    let places = std::mem::take(&mut payments.places);
    let decisions = events
        .get()
        .decoded
        .iter()
        .zip(&places)
        .map(|(event, place)| match place {
            Some(place) => decide(&mut under_lock[*place], event, &policies.inner),
            None => known_duplicate(),
        })
        .collect();
    Ok(Verdicts { batch: events, payments: under_lock, places, decisions, freed: Vec::new() })
}

/// Judges anew what is parked on the payments, without a delivery. Uses up `payments`.
#[pyfunction]
fn rejudge(py: Python<'_>, payments: &mut Payments, policies: &PyPolicies) -> PyResult<Verdicts> {
    let mut under_lock = payments
        .payments
        .take()
        .ok_or_else(|| PyValueError::new_err("these payments were applied already"))?;
    let mut freed = Vec::new();
    for (place, payment) in under_lock.iter_mut().enumerate() {
        let rejudged = payflow_lifecycle::rejudge(payment, &policies.inner);
        freed.extend(rejudged.into_iter().map(|rejudged| Freed { place, rejudged }));
    }
    let none = Events { decoded: Vec::new(), metadata: Vec::new(), payloads: Vec::new() };
    let batch = Py::new(py, none)?;
    Ok(Verdicts { batch, payments: under_lock, places: Vec::new(), decisions: Vec::new(), freed })
}

fn decide(payment: &mut Payment, event: &Event, policies: &Policies) -> Decision {
    let first =
        !payment.seen.iter().any(|seen| seen.event_id == event.event_id && seen.source == event.source);
    let Judgement { verdict, reason, before, after, rejudged } = judge(payment, event, policies);
    Decision {
        verdict,
        reason: reason.as_str(),
        path: reason.path(),
        first,
        before: Some(before),
        after: Some(after),
        rejudged,
    }
}

/// Redis had a mark with this fingerprint, so the ledger has the event.
fn known_duplicate() -> Decision {
    Decision {
        verdict: Verdict::Duplicate,
        reason: "marked_as_seen",
        path: None,
        first: false,
        before: None,
        after: None,
        rejudged: Vec::new(),
    }
}

#[pymethods]
impl Verdicts {
    fn __len__(&self) -> usize {
        self.decisions.len()
    }

    /// Deliveries by verdict.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counts = PyDict::new(py);
        for verdict in Verdict::ALL {
            let count = self.decisions.iter().filter(|decision| decision.verdict == *verdict).count();
            counts.set_item(verdict.as_str(), count)?;
        }
        Ok(counts)
    }

    /// Parked facts that this batch decided, by verdict.
    fn rejudged_counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counts = PyDict::new(py);
        for verdict in Verdict::ALL {
            let count = self.all_rejudged().filter(|rejudged| rejudged.verdict == *verdict).count();
            if count > 0 {
                counts.set_item(verdict.as_str(), count)?;
            }
        }
        Ok(counts)
    }

    /// How each payment stands after the batch: (payment id, sums in the order of `payment_transactions`, status,
    /// dispute status, version, facts that wait).
    fn payments(&self) -> Vec<Standing<'_>> {
        self.payments.iter().map(in_memory::standing).collect()
    }

    /// Each command on the payment at that place as it is now, and why it is refused where it is.
    fn commands(&self, place: usize) -> PyResult<Vec<(&'static str, Option<&'static str>)>> {
        let payment =
            self.payments.get(place).ok_or_else(|| PyValueError::new_err("no payment at that place"))?;
        Ok(verdicts_on_commands(payment))
    }

    /// (verdict, reason) of one delivery.
    fn verdict(&self, index: usize) -> PyResult<(&'static str, &'static str)> {
        let decision =
            self.decisions.get(index).ok_or_else(|| PyValueError::new_err("no event at that index"))?;
        Ok((decision.verdict.as_str(), decision.reason))
    }

    /// Deliveries that no retry can help: (index, class, reason, JSON path at fault).
    fn quarantined(&self) -> Vec<(usize, &'static str, &'static str, Option<&'static str>)> {
        self.decisions
            .iter()
            .enumerate()
            .filter(|(_, decision)| {
                matches!(decision.verdict, Verdict::Malformed | Verdict::Conflict | Verdict::Impossible)
            })
            .map(|(index, decision)| (index, decision.verdict.as_str(), decision.reason, decision.path))
            .collect()
    }

    /// Events to mark as seen: those whose own payload the trail now has, unless Redis had told so.
    fn to_mark(&self) -> Vec<usize> {
        self.decisions
            .iter()
            .enumerate()
            .filter(|(_, decision)| {
                decision.before.is_some() && (decision.first || decision.verdict == Verdict::Duplicate)
            })
            .map(|(index, _)| index)
            .collect()
    }

    /// What this batch did to each parked fact that it decided, as
    /// (payment id, source, event id, correlation id, verdict, reason).
    fn rejudged(&self) -> Vec<(&str, &str, &str, &str, &'static str, &'static str)> {
        self.all_rejudged()
            .map(|rejudged| {
                let event = &rejudged.event;
                (
                    &*event.payment_id,
                    &*event.source,
                    &*event.event_id,
                    &*event.correlation_id,
                    rejudged.verdict.as_str(),
                    rejudged.reason.as_str(),
                )
            })
            .collect()
    }

    /// The array parameters of `write.sql`, in its order: `$3` and up.
    fn write_parameters<'py>(
        &self,
        py: Python<'py>,
        alerts: &Alerts,
        policies: &PyPolicies,
        now_us: i64,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let batch = self.batch.get();
        let write =
            WriteSet { payments: self.decided(batch), trail: self.trail(batch), alerts: alerts.rows(self) };
        let deadline_us = |event: &Event| {
            let horizon_us = policies.inner.of(&event.source).retry_horizon_s.saturating_mul(1_000_000);
            now_us.saturating_add(i64::try_from(horizon_us).unwrap_or(i64::MAX / 2))
        };
        let (before, after) = write.columns(deadline_us);
        let mut parameters = Vec::with_capacity(before.len() + 1 + after.len());
        for column in before {
            parameters.push(column.into_pyobject(py)?.into_any());
        }
        parameters.push(self.payloads(py, batch).into_pyobject(py)?.into_any());
        for column in after {
            parameters.push(column.into_pyobject(py)?.into_any());
        }
        Ok(parameters)
    }
}

impl Verdicts {
    fn all_rejudged(&self) -> impl Iterator<Item = &Rejudged> {
        let behind_deliveries = self.decisions.iter().flat_map(|decision| &decision.rejudged);
        behind_deliveries.chain(self.freed.iter().map(|freed| &freed.rejudged))
    }

    pub(crate) fn decided<'a>(&'a self, batch: &'a Events) -> Vec<Decided<'a>> {
        let mut decided: Vec<Decided<'a>> =
            self.payments.iter().map(|payment| Decided { payment, creation: None }).collect();
        for (index, (decision, place)) in self.decisions.iter().zip(&self.places).enumerate() {
            let (Some(before), Some(after), Some(place)) = (decision.before, decision.after, place) else {
                continue;
            };
            if !before.exists && after.exists {
                let event = &batch.decoded[index];
                decided[*place].creation =
                    Some(Creation { source: &event.source, metadata: batch.metadata[index].as_deref() });
            }
        }
        decided
    }

    pub(crate) fn trail<'a>(&'a self, batch: &'a Events) -> Vec<TrailEntry<'a>> {
        let mut trail = Vec::with_capacity(self.decisions.len());
        for (event, decision) in batch.decoded.iter().zip(&self.decisions) {
            trail.push(TrailEntry {
                first: decision.first,
                event,
                verdict: decision.verdict.as_str(),
                reason: decision.reason,
                transition: decision.before.zip(decision.after).map(transition),
            });
            trail.extend(decision.rejudged.iter().map(rejudged_entry));
        }
        trail.extend(self.freed.iter().map(|freed| rejudged_entry(&freed.rejudged)));
        trail
    }

    /// The payload of each row of the trail: kept on the first sight of an event and where it differs from that.
    fn payloads<'py>(&self, py: Python<'py>, batch: &Events) -> Vec<Option<Bound<'py, PyBytes>>> {
        let mut payloads = Vec::with_capacity(self.decisions.len());
        for (payload, decision) in batch.payloads.iter().zip(&self.decisions) {
            let keep = decision.first || decision.verdict == Verdict::Conflict;
            payloads.push(keep.then(|| payload.bind(py).clone()));
            payloads.extend(std::iter::repeat_n(None, decision.rejudged.len()));
        }
        payloads.extend(std::iter::repeat_n(None, self.freed.len()));
        payloads
    }
}

fn rejudged_entry(rejudged: &Rejudged) -> TrailEntry<'_> {
    TrailEntry {
        first: false,
        event: &rejudged.event,
        verdict: rejudged.verdict.as_str(),
        reason: rejudged.reason.as_str(),
        transition: Some(transition((rejudged.before, rejudged.after))),
    }
}

fn transition((before, after): (Snapshot, Snapshot)) -> Transition {
    Transition { from: before.exists.then_some(before.status), to: after.status, version: after.version }
}

/// Adds what this file exports to `payflow._native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Events>()?;
    module.add_class::<Verdicts>()?;
    module.add_function(wrap_pyfunction!(apply, module)?)?;
    module.add_function(wrap_pyfunction!(rejudge, module)?)
}
