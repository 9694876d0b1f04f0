//! What each source declares, and the payments of one batch under lock.

use payflow_ledger::MalformedColumn;
use payflow_lifecycle::{Event, Payment, Policies, SourcePolicy};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyTuple;

use crate::commands::{Weighed, weigh};
use crate::events::Events;
use crate::in_memory;
use crate::judging::Verdicts;

/// What is declared of each source: `(adjustable, overcapture_bps, retry_horizon_s)`.
#[pyclass(frozen, name = "Policies", module = "payflow._native")]
pub struct PyPolicies {
    pub(crate) inner: Policies,
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
    pub(crate) payments: Option<Vec<Payment>>,
    /// For each event, which payment it belongs to; `None` for events that Redis knew.
    pub(crate) places: Vec<Option<usize>>,
}

#[pymethods]
impl Payments {
    /// Reads what `lock.sql` and `read.sql` returned: one binary array for each column.
    #[staticmethod]
    fn read(
        events: &Events,
        known: &[u8],
        lock: &Bound<'_, PyTuple>,
        read: &Bound<'_, PyTuple>,
    ) -> PyResult<Self> {
        let mut ids: Vec<&str> = fresh(events, known).map(|event| &*event.payment_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let lock: Vec<Option<PyBackedBytes>> = lock.extract()?;
        let read: Vec<Option<PyBackedBytes>> = read.extract()?;
        let payments = payflow_ledger::payments(&ids, &slices(&lock), &slices(&read))
            .map_err(|error| malformed(&error))?;
        let places = events
            .decoded
            .iter()
            .zip(known)
            .map(
                |(event, known)| if *known == 0 { ids.binary_search(&&*event.payment_id).ok() } else { None },
            )
            .collect();
        Ok(Self { payments: Some(payments), places })
    }

    /// Reads one payment under lock whose event is not known yet: a command's, which follows from what it finds.
    #[staticmethod]
    fn read_one(payment_id: &str, lock: &Bound<'_, PyTuple>, read: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let lock: Vec<Option<PyBackedBytes>> = lock.extract()?;
        let read: Vec<Option<PyBackedBytes>> = read.extract()?;
        let payments = payflow_ledger::payments(&[payment_id], &slices(&lock), &slices(&read))
            .map_err(|error| malformed(&error))?;
        Ok(Self { payments: Some(payments), places: Vec::new() })
    }

    /// Weighs a command against the one payment that was read: (what it becomes, None) or (None, why not).
    #[pyo3(signature = (command, amount_minor))]
    fn weigh(&self, command: &str, amount_minor: Option<i64>) -> PyResult<Weighed> {
        weigh(self.one()?, command, amount_minor)
    }

    /// Gives the one payment that was read its events, so that `apply` can judge them.
    fn deliver(&mut self, events: &Events) -> PyResult<()> {
        let payment_id = &self.one()?.payment_id;
        if events.decoded.iter().any(|event| event.payment_id != *payment_id) {
            return Err(PyValueError::new_err("these events belong to another payment"));
        }
        self.places = vec![Some(0); events.decoded.len()];
        Ok(())
    }

    /// Goes on from another batch without a database; every payment of `verdicts` is carried along.
    #[staticmethod]
    #[pyo3(signature = (verdicts, events, known))]
    fn after(verdicts: Option<&Verdicts>, events: &Events, known: &[u8]) -> Self {
        let before = verdicts.map_or(&[][..], |verdicts| &verdicts.payments);
        let fresh = events.decoded.iter().zip(known).map(|(event, known)| (*known == 0).then_some(event));
        let (payments, places) = in_memory::carried(before, fresh);
        Self { payments: Some(payments), places }
    }

    fn __len__(&self) -> usize {
        self.payments.as_ref().map_or(0, Vec::len)
    }
}

impl Payments {
    fn one(&self) -> PyResult<&Payment> {
        match self.payments.as_deref() {
            Some([payment]) => Ok(payment),
            _ => Err(PyValueError::new_err("not exactly one payment was read")),
        }
    }
}

fn fresh<'e>(events: &'e Events, known: &'e [u8]) -> impl Iterator<Item = &'e Event> {
    events.decoded.iter().zip(known).filter(|(_, known)| **known == 0).map(|(event, _)| event)
}

fn slices(columns: &[Option<PyBackedBytes>]) -> Vec<Option<&[u8]>> {
    columns.iter().map(|column| column.as_deref()).collect()
}

fn malformed(error: &MalformedColumn) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}

/// Adds what this file exports to `payflow._native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyPolicies>()?;
    module.add_class::<Payments>()
}
