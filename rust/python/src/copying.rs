//! From verdicts to the streams of COPY: books that are filled in bulk rather than batch by batch.

use payflow_ledger::TrailEntry;
use payflow_ledger::copy::{
    ALERT_COPY_COLUMNS, Lifetime, OPERATION_COPY_COLUMNS, PARKED_COPY_COLUMNS, PAYMENT_COPY_COLUMNS,
    TRAIL_COPY_COLUMNS, alert_rows, operation_rows, parked_rows, payment_rows, trail_rows,
};
use payflow_lifecycle::{Event, Verdict};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::alerting::Alerts;
use crate::judging::Verdicts;
use crate::locked::PyPolicies;

/// (table, columns, rows as a stream of binary COPY).
type Stream<'py> = (&'static str, Vec<&'static str>, Bound<'py, PyBytes>);

/// The rows that these verdicts come to, for payments that were never stored. Rows of the trail are numbered from
/// `first_audit_id`; `recorded_us[i]` is when event `i` was recorded, microseconds since the Unix epoch.
///
/// Returns the streams of the tables that have rows, and how many rows the trail has.
#[pyfunction]
fn copy_rows<'py>(
    py: Python<'py>,
    verdicts: &Verdicts,
    alerts: &Alerts,
    policies: &PyPolicies,
    recorded_us: Vec<i64>,
    actor: &str,
    first_audit_id: i64,
) -> PyResult<(Vec<Stream<'py>>, usize)> {
    let batch = verdicts.batch.get();
    if recorded_us.len() != batch.decoded.len() || !verdicts.freed.is_empty() {
        return Err(PyValueError::new_err("one time for each event is needed, and no sweep"));
    }
    let trail = verdicts.trail(batch);
    let rows = times_and_payloads(py, verdicts, recorded_us);
    let stored = payments(verdicts, &trail, &rows);
    let raised: Vec<_> =
        alerts.rows(verdicts).into_iter().map(|alert| (alert, alert.event.occurred_at_us)).collect();
    let deadline_us = |event: &Event, parked_us: i64| {
        let horizon_us = policies.inner.of(&event.source).retry_horizon_s.saturating_mul(1_000_000);
        parked_us.saturating_add(i64::try_from(horizon_us).unwrap_or(i64::MAX / 2))
    };
    let kept = || verdicts.payments.iter();
    let tables = [
        ("payment_transactions", PAYMENT_COPY_COLUMNS.to_vec(), payment_rows(&stored)),
        ("payment_operations", OPERATION_COPY_COLUMNS.to_vec(), operation_rows(kept())),
        ("audit_logs", TRAIL_COPY_COLUMNS.to_vec(), trail_rows(&trail, &rows, actor, first_audit_id)),
        ("parked_events", PARKED_COPY_COLUMNS.to_vec(), parked_rows(kept(), &trail, &rows, deadline_us)),
        ("alerts", ALERT_COPY_COLUMNS.to_vec(), alert_rows(&raised)),
    ];
    let streams = tables
        .into_iter()
        .filter(|(_, _, rows)| rows.rows() > 0)
        .map(|(table, columns, rows)| (table, columns, PyBytes::new(py, &rows.finish())))
        .collect();
    Ok((streams, trail.len()))
}

/// For each row of the trail its payload, where it keeps one, and when it was recorded.
fn times_and_payloads<'a>(
    py: Python<'a>,
    verdicts: &'a Verdicts,
    recorded_us: Vec<i64>,
) -> Vec<(Option<&'a [u8]>, i64)> {
    let mut rows = Vec::with_capacity(verdicts.decisions.len());
    for ((payload, decision), recorded_us) in
        verdicts.batch.get().payloads.iter().zip(&verdicts.decisions).zip(recorded_us)
    {
        let keep = decision.first || decision.verdict == Verdict::Conflict;
        rows.push((keep.then(|| payload.bind(py).as_bytes()), recorded_us));
        rows.extend(std::iter::repeat_n((None, recorded_us), decision.rejudged.len()));
    }
    rows
}

/// The payments, each with when it was created and last changed.
fn payments<'a>(
    verdicts: &'a Verdicts,
    trail: &[TrailEntry<'_>],
    rows: &[(Option<&[u8]>, i64)],
) -> Vec<(payflow_ledger::Decided<'a>, Lifetime)> {
    let places: std::collections::HashMap<&str, usize> =
        verdicts.payments.iter().enumerate().map(|(place, payment)| (&*payment.payment_id, place)).collect();
    let mut lifetimes: Vec<Option<Lifetime>> = vec![None; verdicts.payments.len()];
    for (entry, (_, recorded_us)) in trail.iter().zip(rows) {
        let lifetime = &mut lifetimes[places[&*entry.event.payment_id]];
        let changed = entry.verdict == Verdict::Apply.as_str();
        match lifetime {
            None => *lifetime = Some(Lifetime { created_us: *recorded_us, updated_us: *recorded_us }),
            Some(lifetime) if changed => lifetime.updated_us = *recorded_us,
            Some(_) => {}
        }
    }
    let unknown = Lifetime { created_us: 0, updated_us: 0 };
    verdicts
        .decided(verdicts.batch.get())
        .into_iter()
        .zip(lifetimes)
        .map(|(decided, lifetime)| (decided, lifetime.unwrap_or(unknown)))
        .collect()
}

/// Adds what this file exports to `payflow._native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(copy_rows, module)?)
}
