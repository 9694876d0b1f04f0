//! Rules over verdicts: which fired, and on what.

use payflow_ledger::AlertRow;
use payflow_lifecycle::{Event, Payment, Snapshot, Verdict};
use payflow_rules::{EventFacts, Facts, Hit, PaymentFacts};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::judging::Verdicts;
use crate::rules::PyRuleSet;

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
    /// The rows to write.
    pub(crate) fn rows<'a>(&'a self, verdicts: &'a Verdicts) -> Vec<AlertRow<'a>> {
        let batch = verdicts.batch.get();
        self.fired
            .iter()
            .map(|fired| {
                let decision = &verdicts.decisions[fired.decision];
                let (event, verdict, reason) = match fired.rejudged {
                    None => (&batch.decoded[fired.decision], decision.verdict, decision.reason),
                    Some(which) => {
                        let rejudged = &decision.rejudged[which];
                        (&rejudged.event, rejudged.verdict, rejudged.reason.as_str())
                    }
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
            drain(rules, &mut hits, &mut fired, index, None);
        }
        for (which, rejudged) in decision.rejudged.iter().enumerate() {
            let reason = rejudged.reason.as_str();
            let facts =
                facts(payment, &rejudged.event, rejudged.before, rejudged.after, rejudged.verdict, reason);
            rules.inner.evaluate(&facts, &mut hits);
            drain(rules, &mut hits, &mut fired, index, Some(which));
        }
    }
    Alerts { fired }
}

fn drain(
    rules: &PyRuleSet,
    hits: &mut Vec<Hit>,
    fired: &mut Vec<Fired>,
    decision: usize,
    rejudged: Option<usize>,
) {
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
    module.add_class::<Alerts>()?;
    module.add_function(wrap_pyfunction!(evaluate, module)?)
}
