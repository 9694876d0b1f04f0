//! Lags of many deliveries at once: one call for each batch instead of one Python object for each sample.

use std::sync::{Mutex, PoisonError};

use hdrhistogram::Histogram;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Longest lag that is told apart, in microseconds: SQS keeps a message 14 days at most.
const LAG_MAX_US: u64 = 14 * 86_400 * 1_000_000;

/// A histogram of lags over time, three significant digits.
#[pyclass(frozen, module = "payflow._native")]
pub struct LagHistogram {
    inner: Mutex<Histogram<u64>>,
}

#[pymethods]
impl LagHistogram {
    #[new]
    fn new() -> PyResult<Self> {
        let inner = Histogram::new_with_bounds(1, LAG_MAX_US, 3)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Self { inner: Mutex::new(inner) })
    }

    /// Records `now_ms - start` for each start; a start in the future (another clock) counts as no lag.
    fn record_since_ms(&self, starts_ms: Vec<i64>, now_ms: f64) {
        let until_us = (now_ms * 1_000.0) as i64;
        let mut histogram = self.lock();
        for start_ms in starts_ms {
            let lag_us = until_us.saturating_sub(start_ms.saturating_mul(1_000)).max(1);
            histogram.saturating_record(lag_us as u64);
        }
    }

    /// Records `end - start` for each pair; an end before its start (another clock) counts as no lag.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 hands lists over by value")]
    fn record_between_ms(&self, starts_ms: Vec<i64>, ends_ms: Vec<i64>) -> PyResult<()> {
        if starts_ms.len() != ends_ms.len() {
            let (starts, ends) = (starts_ms.len(), ends_ms.len());
            return Err(PyValueError::new_err(format!(
                "each start needs an end: {starts} starts, {ends} ends"
            )));
        }
        let mut histogram = self.lock();
        for (start_ms, end_ms) in starts_ms.iter().zip(&ends_ms) {
            let lag_us = end_ms.saturating_sub(*start_ms).saturating_mul(1_000).max(1);
            histogram.saturating_record(lag_us as u64);
        }
        Ok(())
    }

    /// How many lags are at most each bound, in milliseconds and ascending; within 0.1 % of the bound, which is
    /// how finely lags are told apart.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 hands lists over by value")]
    fn counts_up_to_ms(&self, bounds_ms: Vec<f64>) -> Vec<u64> {
        let histogram = self.lock();
        let bounds_us: Vec<u64> = bounds_ms.iter().map(|bound_ms| (bound_ms * 1_000.0) as u64).collect();
        let mut counts = vec![0; bounds_us.len()];
        for cell in histogram.iter_recorded() {
            let lag_us = histogram.lowest_equivalent(cell.value_iterated_to());
            let at = bounds_us.partition_point(|bound_us| *bound_us < lag_us);
            if let Some(count) = counts.get_mut(at) {
                *count += cell.count_since_last_iteration();
            }
        }
        let mut sum = 0;
        for count in &mut counts {
            sum += *count;
            *count = sum;
        }
        counts
    }

    /// The sum of all lags in milliseconds, within 0.1 %.
    fn sum_ms(&self) -> f64 {
        let histogram = self.lock();
        histogram.mean() * histogram.len() as f64 / 1_000.0
    }

    /// The lag in milliseconds at each quantile (0 to 1); zeros when nothing was recorded.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 hands lists over by value")]
    fn quantiles_ms(&self, quantiles: Vec<f64>) -> Vec<f64> {
        let histogram = self.lock();
        quantiles.iter().map(|quantile| histogram.value_at_quantile(*quantile) as f64 / 1_000.0).collect()
    }

    /// The largest lag in milliseconds.
    fn max_ms(&self) -> f64 {
        self.lock().max() as f64 / 1_000.0
    }

    /// Number of samples.
    fn __len__(&self) -> usize {
        self.lock().len() as usize
    }

    /// Forgets all samples.
    fn clear(&self) {
        self.lock().reset();
    }
}

impl LagHistogram {
    fn lock(&self) -> std::sync::MutexGuard<'_, Histogram<u64>> {
        // A poisoned lock only means that a recording was cut short; the counts stay usable.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds what this file exports to `payflow._native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<LagHistogram>()
}
