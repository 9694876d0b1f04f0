//! `payflow._native`: a thin binding over the crates beside it, and nothing else.

mod alerting;
mod commands;
mod copying;
mod events;
mod in_memory;
mod intake;
mod judging;
mod lag;
mod localsqs;
mod locked;
mod replay;
mod rules;

use pyo3::prelude::*;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    alerting::register(module)?;
    commands::register(module)?;
    copying::register(module)?;
    intake::register(module)?;
    judging::register(module)?;
    lag::register(module)?;
    localsqs::register(module)?;
    locked::register(module)?;
    replay::register(module)?;
    rules::register(module)?;
    Ok(())
}
