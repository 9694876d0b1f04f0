//! Rebuilds payments from the audit trail and holds the ledger's tables against the result, a stretch of payment ids
//! at a time.

mod books;
mod difference;
mod rows;
mod trail;

use std::collections::BTreeMap;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyTuple;

use self::difference::{Difference, Findings};
use self::rows::{Case, Decoded, cases};
use crate::events::Events;
use crate::locked::PyPolicies;

/// (check, payment id, audit id or None, subject, expected, found).
type Told = (&'static str, String, Option<i64>, String, String, String);

/// Proves stretches of the books under the policies of the sources.
#[pyclass(frozen, module = "payflow._native")]
pub struct Replay {
    policies: Py<PyPolicies>,
}

#[pymethods]
impl Replay {
    /// What is declared of each source decides as it did when the trail was written.
    #[new]
    fn new(policies: Py<PyPolicies>) -> Self {
        Self { policies }
    }

    /// Checks all payments of one stretch; returns (payments, differences in all, the first `limit` of them).
    ///
    /// `trail` and `books` are what `trail.sql` (without the payloads) and `books.sql` returned for the same stretch:
    /// one binary array for each column. `events` are the decoded payloads, and `event_rows[i]` is the row of the trail
    /// that event `i` belongs to, ascending; `unreadable` says of the other payloads, by row, why they are no events.
    fn check(
        &self,
        trail: &Bound<'_, PyTuple>,
        books: &Bound<'_, PyTuple>,
        events: &Events,
        event_rows: Vec<usize>,
        unreadable: BTreeMap<usize, String>,
        limit: usize,
    ) -> PyResult<(usize, usize, Vec<Told>)> {
        if events.decoded.len() != event_rows.len() {
            return Err(PyValueError::new_err("events and event_rows must have the same length"));
        }
        let trail: Vec<Option<PyBackedBytes>> = trail.extract()?;
        let books: Vec<Option<PyBackedBytes>> = books.extract()?;
        let decoded = Decoded { event_rows, unreadable };
        let cases = cases(&slices(&trail), &slices(&books), &decoded)
            .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        let mut findings = Findings::new(limit);
        for (payment_id, case) in &cases {
            self.prove(payment_id, case, events, &mut findings);
        }
        Ok((cases.len(), findings.total, findings.kept.into_iter().map(told).collect()))
    }
}

impl Replay {
    fn prove(&self, payment_id: &str, case: &Case<'_>, events: &Events, findings: &mut Findings) {
        let policies = &self.policies.get().inner;
        let rebuilt = trail::prove(payment_id, &case.trail, &events.decoded, policies, findings);
        let named = rebuilt.map_or_else(books::Named::new, |mut rebuilt| {
            let metadata = rebuilt.created_by.and_then(|(place, _)| events.metadata[place].as_deref());
            books::compare(payment_id, case, &mut rebuilt, metadata, findings)
        });
        books::check_sums(payment_id, case, policies, &named, findings);
    }
}

fn slices(columns: &[Option<PyBackedBytes>]) -> Vec<Option<&[u8]>> {
    columns.iter().map(|column| column.as_deref()).collect()
}

fn told(difference: Difference) -> Told {
    let Difference { check, payment_id, audit_id, subject, expected, found } = difference;
    (check, payment_id.into(), audit_id, subject, expected, found)
}

/// Adds what this file exports to `payflow._native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Replay>()
}
