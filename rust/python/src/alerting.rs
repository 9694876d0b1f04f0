//! Rules over verdicts: which fired, and on what.

use payflow_ledger::AlertRow;
use payflow_lifecycle::{Event, Payment, Rejudged, Snapshot, Verdict};
use payflow_rules::{EventFacts, Facts, Hit, PaymentFacts};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::judging::Verdicts;
use crate::rules::PyRuleSet;

/// A rule that fired: which, and on what.
struct Fired {
    rule_id: i64,
    severity: &'static str,
    subject: Subject,
}

/// What a rule fired on.
#[derive(Clone, Copy)]
enum Subject {
    Delivery(usize),
    /// A decision and which of the parked facts that it set free.
    Rejudged(usize, usize),
    /// Which of the facts that a sweep set free.
    Freed(usize),
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
    /// The rows to write.
    pub(crate) fn rows<'a>(&'a self, verdicts: &'a Verdicts) -> Vec<AlertRow<'a>> {
        let batch = verdicts.batch.get();
        self.fired
            .iter()
            .map(|fired| {
                let of =
                    |rejudged: &'a Rejudged| (&rejudged.event, rejudged.verdict, rejudged.reason.as_str());
                let (event, verdict, reason) = match fired.subject {
                    Subject::Delivery(index) => {
                        let decision = &verdicts.decisions[index];
                        (&batch.decoded[index], decision.verdict, decision.reason)
                    }
                    Subject::Rejudged(index, which) => of(&verdicts.decisions[index].rejudged[which]),
                    Subject::Freed(which) => of(&verdicts.freed[which].rejudged),
                };
                AlertRow {
                    rule_id: fired.rule_id,
                    severity: fired.severity,
                    event,
                    verdict: verdict.as_str(),
                    reason,
                }
            })
            .collect()
    }
}

/// Evaluates every rule on every decided event. Duplicates are left out: nothing happened.
#[pyfunction]
fn evaluate(rules: &PyRuleSet, verdicts: &Verdicts) -> Alerts {
    let mut fired = Vec::new();
    let mut hits: Vec<Hit> = Vec::new();
    let batch = verdicts.batch.get();
    for (index, decision) in verdicts.decisions.iter().enumerate() {
        let (Some(before), Some(after), Some(place)) =
            (decision.before, decision.after, verdicts.places[index])
        else {
            continue;
        };
        let payment = &verdicts.payments[place];
        if decision.verdict != Verdict::Duplicate {
            let facts =
                facts(payment, &batch.decoded[index], before, after, decision.verdict, decision.reason);
            rules.inner.evaluate(&facts, &mut hits);
            drain(rules, &mut hits, &mut fired, Subject::Delivery(index));
        }
        for (which, rejudged) in decision.rejudged.iter().enumerate() {
            rules.inner.evaluate(&rejudged_facts(payment, rejudged), &mut hits);
            drain(rules, &mut hits, &mut fired, Subject::Rejudged(index, which));
        }
    }
    for (which, freed) in verdicts.freed.iter().enumerate() {
        let payment = &verdicts.payments[freed.place];
        rules.inner.evaluate(&rejudged_facts(payment, &freed.rejudged), &mut hits);
        drain(rules, &mut hits, &mut fired, Subject::Freed(which));
    }
    Alerts { fired }
}

fn drain(rules: &PyRuleSet, hits: &mut Vec<Hit>, fired: &mut Vec<Fired>, subject: Subject) {
    for hit in hits.drain(..) {
        let rule = rules.inner.rule(hit.rule_index);
        fired.push(Fired { rule_id: rule.rule_id, severity: rule.severity.as_str(), subject });
    }
}

fn rejudged_facts<'a>(payment: &'a Payment, rejudged: &'a Rejudged) -> Facts<'a> {
    let Rejudged { event, verdict, reason, before, after } = rejudged;
    facts(payment, event, *before, *after, *verdict, reason.as_str())
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
        release_pending_minor: sums.release_pending,
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
    module.add_class::<Alerts>()?;
    module.add_function(wrap_pyfunction!(evaluate, module)?)
}
