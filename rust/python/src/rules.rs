//! Python face of the `rules` crate.

use std::collections::HashMap;
use std::sync::Arc;

use payflow_rules::{Caps, EventFacts, Facts, PaymentFacts, RuleError, RuleSource};
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

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
    /// Compiles all of the rules under the default caps, or raises `RulesRefusedError` with all that is wrong.
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

    /// Evaluations that failed since the set was compiled, by the name of the rule.
    fn evaluation_errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let errors = PyDict::new(py);
        for (name, total) in self.names().into_iter().zip(self.inner.errors_total()) {
            errors.set_item(name, total)?;
        }
        Ok(errors)
    }

    /// Names of the rules that match facts given as a mapping: `event`, `before`, `payment`, `verdict`, `reason`.
    ///
    /// A key that is left out reads as `""` or 0, as it would in a condition; an unknown key is a `ValueError`.
    fn try_facts(&self, facts: &Bound<'_, PyDict>) -> PyResult<Vec<&str>> {
        let top =
            Mapping::read(facts, "facts", &["verdict", "reason"], &[], &["event", "before", "payment"])?;
        let event = Mapping::inner(facts, "event", &EVENT_TEXTS, &EVENT_INTS)?.unwrap_or_default();
        let before = Mapping::inner(facts, "before", &PAYMENT_TEXTS, &PAYMENT_INTS)?;
        let payment = Mapping::inner(facts, "payment", &PAYMENT_TEXTS, &PAYMENT_INTS)?.unwrap_or_default();
        let facts = Facts {
            event: event.event_facts()?,
            before: before.as_ref().map(Mapping::payment_facts).transpose()?,
            payment: payment.payment_facts()?,
            verdict: top.text("verdict"),
            reason: top.text("reason"),
        };
        let mut hits = Vec::new();
        self.inner.evaluate(&facts, &mut hits);
        Ok(hits.into_iter().map(|hit| self.inner.rule(hit.rule_index).name.as_str()).collect())
    }
}

/// What a condition may read: `(as it is written, type, words that it may hold besides "")`.
#[pyfunction]
fn rule_fields() -> Vec<(String, String, Vec<&'static str>)> {
    payflow_rules::fields().into_iter().map(|(name, kind, words)| (name, kind, words.to_vec())).collect()
}

const EVENT_TEXTS: [&str; 11] = [
    "id",
    "source",
    "type",
    "payment_id",
    "operation_id",
    "merchant_id",
    "parent_id",
    "currency",
    "reason",
    "dispute_stage",
    "dispute_status",
];
/// `occurred_at_us` counts microseconds since 1970-01-01 UTC.
const EVENT_INTS: [&str; 3] = ["amount_minor", "exponent", "occurred_at_us"];
const PAYMENT_TEXTS: [&str; 4] = ["merchant_id", "currency", "status", "dispute_status"];
const PAYMENT_INTS: [&str; 14] = [
    "exponent",
    "authorized_minor",
    "released_minor",
    "captured_minor",
    "capture_failed_minor",
    "refunded_minor",
    "disputed_minor",
    "capture_pending_minor",
    "refund_pending_minor",
    "release_pending_minor",
    "capturable_minor",
    "refundable_minor",
    "over_returned_minor",
    "version",
];

/// One level of the facts, copied out of Python.
#[derive(Default)]
struct Mapping {
    texts: HashMap<String, String>,
    ints: HashMap<String, i64>,
}

impl Mapping {
    /// Reads `dict`; `None` counts as left out. `inner` names the keys that are read for themselves.
    fn read(
        dict: &Bound<'_, PyDict>,
        path: &str,
        texts: &[&str],
        ints: &[&str],
        inner: &[&str],
    ) -> PyResult<Self> {
        let mut mapping = Self::default();
        for (key, value) in dict.iter().filter(|(_, value)| !value.is_none()) {
            let key: String = key.extract()?;
            let wrong = |want| PyValueError::new_err(format!("{path}.{key}: has to be {want}"));
            if texts.contains(&key.as_str()) {
                let text = value.extract().map_err(|_| wrong("text"))?;
                mapping.texts.insert(key, text);
            } else if ints.contains(&key.as_str()) {
                let int = value.extract().map_err(|_| wrong("an integer of 64 bits"))?;
                mapping.ints.insert(key, int);
            } else if !inner.contains(&key.as_str()) {
                let known = [inner, texts, ints].concat().join(", ");
                return Err(PyValueError::new_err(format!("{path}.{key}: no such field; there are {known}")));
            }
        }
        Ok(mapping)
    }

    /// The mapping at `key` of `facts`, or nothing where it is absent or `None`.
    fn inner(facts: &Bound<'_, PyDict>, key: &str, texts: &[&str], ints: &[&str]) -> PyResult<Option<Self>> {
        let value = facts.get_item(key)?.filter(|value| !value.is_none());
        value.map(|value| Self::read(value.cast::<PyDict>()?, key, texts, ints, &[])).transpose()
    }

    fn text(&self, key: &str) -> &str {
        self.texts.get(key).map_or("", String::as_str)
    }

    fn int(&self, key: &str) -> i64 {
        self.ints.get(key).copied().unwrap_or(0)
    }

    fn exponent(&self) -> PyResult<u8> {
        u8::try_from(self.int("exponent")).map_err(|_| {
            PyValueError::new_err("exponent: has to be 0 to 4, the decimal places of the currency")
        })
    }

    fn event_facts(&self) -> PyResult<EventFacts<'_>> {
        Ok(EventFacts {
            id: self.text("id"),
            source: self.text("source"),
            type_: self.text("type"),
            payment_id: self.text("payment_id"),
            operation_id: self.text("operation_id"),
            merchant_id: self.text("merchant_id"),
            parent_id: Some(self.text("parent_id")),
            amount_minor: Some(self.int("amount_minor")),
            currency: Some(self.text("currency")),
            exponent: Some(self.exponent()?),
            occurred_at_us: self.int("occurred_at_us"),
            reason: Some(self.text("reason")),
            dispute_stage: Some(self.text("dispute_stage")),
            dispute_status: Some(self.text("dispute_status")),
        })
    }

    fn payment_facts(&self) -> PyResult<PaymentFacts<'_>> {
        Ok(PaymentFacts {
            merchant_id: self.text("merchant_id"),
            currency: self.text("currency"),
            exponent: self.exponent()?,
            authorized_minor: self.int("authorized_minor"),
            released_minor: self.int("released_minor"),
            captured_minor: self.int("captured_minor"),
            capture_failed_minor: self.int("capture_failed_minor"),
            refunded_minor: self.int("refunded_minor"),
            disputed_minor: self.int("disputed_minor"),
            capture_pending_minor: self.int("capture_pending_minor"),
            refund_pending_minor: self.int("refund_pending_minor"),
            release_pending_minor: self.int("release_pending_minor"),
            capturable_minor: self.int("capturable_minor"),
            refundable_minor: self.int("refundable_minor"),
            over_returned_minor: self.int("over_returned_minor"),
            status: self.text("status"),
            dispute_status: self.text("dispute_status"),
            version: self.int("version"),
        })
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
    module.add_function(wrap_pyfunction!(rule_fields, module)?)?;
    module.add("RulesRefusedError", module.py().get_type::<RulesRefusedError>())?;
    Ok(())
}
