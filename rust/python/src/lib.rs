//! `payflow._native`: a thin binding over the crates beside it, and nothing else.

mod events;
mod in_memory;
mod intake;
mod judging;
mod lag;
mod localsqs;
mod replay;
mod rules;

use pyo3::prelude::*;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    intake::register(module)?;
    judging::register(module)?;
    lag::register(module)?;
    localsqs::register(module)?;
    replay::register(module)?;
    rules::register(module)?;
    Ok(())
}
