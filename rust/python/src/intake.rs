//! Python face of the `intake` crate.

use pyo3::prelude::*;

/// Adds what this file exports to `payflow._native`.
pub fn register(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
