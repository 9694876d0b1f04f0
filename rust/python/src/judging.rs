//! From locked rows to verdicts, alerts and the rows to write. The steps are Python's to call, the data stays here.

use payflow_ledger::{AlertRow, Creation, Decided, MalformedColumn, TrailEntry, Transition, WriteSet};
use payflow_lifecycle::{
    Event, Judgement, Payment, Policies, Rejudged, Snapshot, SourcePolicy, Verdict, judge,
};
use payflow_rules::{EventFacts, Facts, Hit, PaymentFacts};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::events::Events;
use crate::in_memory::{self, Standing};
use crate::rules::PyRuleSet;

/// What is declared of each source: `(adjustable, overcapture_bps, retry_horizon_s)`.
#[pyclass(frozen, name = "Policies", module = "payflow._native")]
pub struct PyPolicies {
    inner: Policies,
}

#[pymethods]
impl PyPolicies {
    #[new]
    fn new(default: (bool, u32, u64), sources: Vec<(String, bool, u32, u64)>) -> Self {
        let policy = |(adjustable, overcapture_bps, retry_horizon_s): (bool, u32, u64)| SourcePolicy {
            adjustable,
            overcapture_bps,
            retry_horizon_s,
        };
        let mut inner = Policies::new(policy(default));
        for (source, adjustable, overcapture_bps, retry_horizon_s) in sources {
            inner.insert(&source, policy((adjustable, overcapture_bps, retry_horizon_s)));
        }
        Self { inner }
    }
}

/// The payments of one batch, under lock.
#[pyclass(module = "payflow._native")]
pub struct Payments {
    payments: Option<Vec<Payment>>,
    /// For each event, which payment it belongs to; `None` for events that Redis knew.
    places: Vec<Option<usize>>,
}

#[pymethods]
impl Payments {
    /// Reads what `lock.sql` and `read.sql` returned: one binary array for each column.
    #[staticmethod]
    fn read(events: &Events, known: &[u8], lock: &Bound<'_, PyTuple>, read: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let mut ids: Vec<&str> = fresh(events, known).map(|event| &*event.payment_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let lock: Vec<Option<PyBackedBytes>> = lock.extract()?;
        let read: Vec<Option<PyBackedBytes>> = read.extract()?;
        let payments = payflow_ledger::payments(&ids, &slices(&lock), &slices(&read)).map_err(malformed)?;
        let places = events
            .events
            .iter()
            .zip(known)
            .map(|(event, known)| if *known == 0 { ids.binary_search(&&*event.payment_id).ok() } else { None })
            .collect();
        Ok(Self { payments: Some(payments), places })
    }

    /// Goes on from another batch without a database; every payment of `verdicts` is carried along.
    #[staticmethod]
    #[pyo3(signature = (verdicts, events, known))]
    fn after(verdicts: Option<&Verdicts>, events: &Events, known: &[u8]) -> Self {
        let before = verdicts.map_or(&[][..], |verdicts| &verdicts.payments);
        let fresh = events.events.iter().zip(known).map(|(event, known)| (*known == 0).then_some(event));
        let (payments, places) = in_memory::carried(before, fresh);
        Self { payments: Some(payments), places }
    }

    fn __len__(&self) -> usize {
        self.payments.as_ref().map_or(0, Vec::len)
    }
}

fn fresh<'e>(events: &'e Events, known: &'e [u8]) -> impl Iterator<Item = &'e Event> {
    events.events.iter().zip(known).filter(|(_, known)| **known == 0).map(|(event, _)| event)
}

fn slices(columns: &[Option<PyBackedBytes>]) -> Vec<Option<&[u8]>> {
    columns.iter().map(|column| column.as_deref()).collect()
}

fn malformed(error: MalformedColumn) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}

/// What became of one delivery.
struct Decision {
    verdict: Verdict,
    reason: &'static str,
    path: Option<&'static str>,
    first: bool,
    before: Option<Snapshot>,
    after: Option<Snapshot>,
    rejudged: Vec<Rejudged>,
}

/// One verdict for each event of the batch, and the payments as they are now.
#[pyclass(frozen, module = "payflow._native")]
pub struct Verdicts {
    events: Py<Events>,
    payments: Vec<Payment>,
    places: Vec<Option<usize>>,
    decisions: Vec<Decision>,
}

/// Judges every event of the batch in order of arrival. Uses up `payments`.
#[pyfunction]
fn apply(events: Py<Events>, payments: &mut Payments, policies: &PyPolicies) -> PyResult<Verdicts> {
    let mut under_lock =
        payments.payments.take().ok_or_else(|| PyValueError::new_err("these payments were applied already"))?;
    let places = std::mem::take(&mut payments.places);
    let decisions = events
        .get()
        .events
        .iter()
        .zip(&places)
        .map(|(event, place)| match place {
            Some(place) => decide(&mut under_lock[*place], event, &policies.inner),
            None => known_duplicate(),
        })
        .collect();
    Ok(Verdicts { events, payments: under_lock, places, decisions })
}

fn decide(payment: &mut Payment, event: &Event, policies: &Policies) -> Decision {
    let first = !payment.seen.iter().any(|seen| seen.event_id == event.event_id && seen.source == event.source);
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
        let rejudged = || self.decisions.iter().flat_map(|decision| &decision.rejudged);
        for verdict in Verdict::ALL {
            let count = rejudged().filter(|rejudged| rejudged.verdict == *verdict).count();
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

    /// (verdict, reason) of one delivery.
    fn verdict(&self, index: usize) -> PyResult<(&'static str, &'static str)> {
        let decision = self.decisions.get(index).ok_or_else(|| PyValueError::new_err("no event at that index"))?;
        Ok((decision.verdict.as_str(), decision.reason))
    }

    /// Deliveries that no retry can help: (index, class, reason, JSON path at fault).
    fn quarantined(&self) -> Vec<(usize, &'static str, &'static str, Option<&'static str>)> {
        self.decisions
            .iter()
            .enumerate()
            .filter(|(_, decision)| matches!(decision.verdict, Verdict::Malformed | Verdict::Conflict | Verdict::Impossible))
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
        self.decisions
            .iter()
            .flat_map(|decision| &decision.rejudged)
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
        let batch = self.events.get();
        let write = WriteSet {
            payments: self.decided(batch),
            trail: self.trail(batch),
            alerts: alerts.rows(self),
        };
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
    fn decided<'a>(&'a self, batch: &'a Events) -> Vec<Decided<'a>> {
        let mut decided: Vec<Decided<'a>> =
            self.payments.iter().map(|payment| Decided { payment, creation: None }).collect();
        for (index, (decision, place)) in self.decisions.iter().zip(&self.places).enumerate() {
            let (Some(before), Some(after), Some(place)) = (decision.before, decision.after, place) else { continue };
            if !before.exists && after.exists {
                let event = &batch.events[index];
                decided[*place].creation =
                    Some(Creation { source: &event.source, metadata: batch.metadata[index].as_deref() });
            }
        }
        decided
    }

    fn trail<'a>(&'a self, batch: &'a Events) -> Vec<TrailEntry<'a>> {
        let mut trail = Vec::with_capacity(self.decisions.len());
        for (event, decision) in batch.events.iter().zip(&self.decisions) {
            trail.push(TrailEntry {
                first: decision.first,
                event,
                verdict: decision.verdict.as_str(),
                reason: decision.reason,
                transition: decision.before.zip(decision.after).map(transition),
            });
            for rejudged in &decision.rejudged {
                trail.push(TrailEntry {
                    first: false,
                    event: &rejudged.event,
                    verdict: rejudged.verdict.as_str(),
                    reason: rejudged.reason.as_str(),
                    transition: Some(transition((rejudged.before, rejudged.after))),
                });
            }
        }
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
        payloads
    }
}

fn transition((before, after): (Snapshot, Snapshot)) -> Transition {
    Transition { from: before.exists.then_some(before.status), to: after.status, version: after.version }
}

/// A rule that fired: which, and on what.
struct Fired {
    rule_id: i64,
    severity: &'static str,
    decision: usize,
    /// Which of the decision's re-judged facts; `None` for the delivery itself.
    rejudged: Option<usize>,
}

/// The alerts of one batch.
#[pyclass(frozen, module = "payflow._native")]
pub struct Alerts {
    fired: Vec<Fired>,
}

#[pymethods]
impl Alerts {
    fn __len__(&self) -> usize {
        self.fired.len()
    }

    /// Alerts by severity.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counts = PyDict::new(py);
        for fired in &self.fired {
            let count: usize = counts.get_item(fired.severity)?.map_or(Ok(0), |count| count.extract())?;
            counts.set_item(fired.severity, count + 1)?;
        }
        Ok(counts)
    }
}

impl Alerts {
    fn rows<'a>(&'a self, verdicts: &'a Verdicts) -> Vec<AlertRow<'a>> {
        let batch = verdicts.events.get();
        self.fired
            .iter()
            .map(|fired| {
                let decision = &verdicts.decisions[fired.decision];
                let (event, verdict, reason) = match fired.rejudged {
                    None => (&batch.events[fired.decision], decision.verdict, decision.reason),
                    Some(which) => {
                        let rejudged = &decision.rejudged[which];
                        (&rejudged.event, rejudged.verdict, rejudged.reason.as_str())
                    }
                };
                AlertRow { rule_id: fired.rule_id, severity: fired.severity, event, verdict: verdict.as_str(), reason }
            })
            .collect()
    }
}

/// Evaluates every rule on every decided event. Duplicates are left out: nothing happened.
#[pyfunction]
fn evaluate(rules: &PyRuleSet, verdicts: &Verdicts) -> Alerts {
    let mut fired = Vec::new();
    let mut hits: Vec<Hit> = Vec::new();
    let batch = verdicts.events.get();
    for (index, decision) in verdicts.decisions.iter().enumerate() {
        let (Some(before), Some(after), Some(place)) = (decision.before, decision.after, verdicts.places[index]) else {
            continue;
        };
        let payment = &verdicts.payments[place];
        if decision.verdict != Verdict::Duplicate {
            let facts = facts(payment, &batch.events[index], before, after, decision.verdict, decision.reason);
            rules.inner.evaluate(&facts, &mut hits);
            drain(rules, &mut hits, &mut fired, index, None);
        }
        for (which, rejudged) in decision.rejudged.iter().enumerate() {
            let reason = rejudged.reason.as_str();
            let facts = facts(payment, &rejudged.event, rejudged.before, rejudged.after, rejudged.verdict, reason);
            rules.inner.evaluate(&facts, &mut hits);
            drain(rules, &mut hits, &mut fired, index, Some(which));
        }
    }
    Alerts { fired }
}

fn drain(rules: &PyRuleSet, hits: &mut Vec<Hit>, fired: &mut Vec<Fired>, decision: usize, rejudged: Option<usize>) {
    for hit in hits.drain(..) {
        let rule = rules.inner.rule(hit.rule_index);
        fired.push(Fired { rule_id: rule.rule_id, severity: rule.severity.as_str(), decision, rejudged });
    }
}

fn facts<'a>(
    payment: &'a Payment,
    event: &'a Event,
    before: Snapshot,
    after: Snapshot,
    verdict: Verdict,
    reason: &'static str,
) -> Facts<'a> {
    Facts {
        event: EventFacts {
            id: &event.event_id,
            source: &event.source,
            type_: event.kind.as_str(),
            payment_id: &event.payment_id,
            operation_id: &event.operation_id,
            merchant_id: &event.merchant_id,
            parent_id: event.parent_id.as_deref(),
            amount_minor: event.money.map(|money| money.amount_minor),
            currency: event.money.as_ref().map(|money| money.currency.as_str()),
            exponent: event.money.map(|money| money.exponent),
            occurred_at_us: event.occurred_at_us,
            reason: event.reason.as_deref(),
            dispute_stage: event.dispute.map(|dispute| dispute.stage.as_str()),
            dispute_status: event.dispute.map(|dispute| dispute.status.as_str()),
        },
        before: before.exists.then(|| payment_facts(payment, before)),
        payment: payment_facts(payment, after),
        verdict: verdict.as_str(),
        reason,
    }
}

fn payment_facts(payment: &Payment, snapshot: Snapshot) -> PaymentFacts<'_> {
    let sums = snapshot.sums;
    PaymentFacts {
        merchant_id: &payment.merchant_id,
        currency: payment.currency.as_ref().map_or("", |currency| currency.as_str()),
        exponent: payment.exponent,
        authorized_minor: sums.authorized,
        released_minor: sums.released,
        captured_minor: sums.captured,
        capture_failed_minor: sums.capture_failed,
        refunded_minor: sums.refunded,
        disputed_minor: sums.disputed,
        capture_pending_minor: sums.capture_pending,
        refund_pending_minor: sums.refund_pending,
        capturable_minor: sums.capturable(),
        refundable_minor: sums.refundable(),
        over_returned_minor: sums.over_returned(),
        status: snapshot.status.as_str(),
        dispute_status: snapshot.dispute_state.as_str(),
        version: snapshot.version,
    }
}

/// Adds what this file exports to `payflow._native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Events>()?;
    module.add_class::<PyPolicies>()?;
    module.add_class::<Payments>()?;
    module.add_class::<Verdicts>()?;
    module.add_class::<Alerts>()?;
    module.add_function(wrap_pyfunction!(apply, module)?)?;
    module.add_function(wrap_pyfunction!(evaluate, module)?)?;
    Ok(())
}
