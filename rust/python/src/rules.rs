//! Python face of the `rules` crate.

use std::sync::Arc;

use payflow_rules::{Caps, RuleError, RuleSource};
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

create_exception!(
    payflow._native,
    RulesRefusedError,
    PyValueError,
    "A rule set did not compile; `errors` lists (rule, line, column, message)."
);

/// `(rule_id, name, version, severity, condition)`.
type RuleRow = (i64, String, i32, String, String);

/// Compiled rules: immutable, so that every lane evaluates the same ones.
#[pyclass(frozen, name = "RuleSet", module = "payflow._native")]
pub struct PyRuleSet {
    pub(crate) inner: Arc<payflow_rules::RuleSet>,
}

#[pymethods]
impl PyRuleSet {
    /// Compiles all of the rules under the default caps, or raises `RulesRefusedError` with everything that is wrong.
    #[staticmethod]
    fn compile(py: Python<'_>, rules: Vec<RuleRow>) -> PyResult<Self> {
        let mut sources = Vec::with_capacity(rules.len());
        let mut errors = Vec::new();
        for (rule_id, name, version, severity, condition) in rules {
            match severity.parse() {
                Ok(severity) => sources.push(RuleSource { rule_id, name, version, severity, condition }),
                Err(message) => errors.push(RuleError { rule_name: name, line: 0, column: 0, message }),
            }
        }
        if !errors.is_empty() {
            return Err(refused(py, &errors)?);
        }
        match py.detach(|| payflow_rules::RuleSet::compile(sources, &Caps::default())) {
            Ok(inner) => Ok(Self { inner: Arc::new(inner) }),
            Err(errors) => Err(refused(py, &errors)?),
        }
    }

    fn __len__(&self) -> usize {
        self.inner.len()
    }

    /// Names of the rules, in their order.
    fn names(&self) -> Vec<&str> {
        (0..self.inner.len()).map(|index| self.inner.rule(index).name.as_str()).collect()
    }
}

/// The exception for these errors, with the list as its attribute `errors`.
fn refused(py: Python<'_>, errors: &[RuleError]) -> PyResult<PyErr> {
    let message = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let error = RulesRefusedError::new_err(message);
    let rows: Vec<(&str, u32, u32, &str)> = errors
        .iter()
        .map(|error| (error.rule_name.as_str(), error.line, error.column, error.message.as_str()))
        .collect();
    error.value(py).setattr("errors", rows)?;
    Ok(error)
}

/// Adds what this file exports to `payflow._native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyRuleSet>()?;
    module.add("RulesRefusedError", module.py().get_type::<RulesRefusedError>())?;
    Ok(())
}
