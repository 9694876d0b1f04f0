//! Python face of the `rules` crate.

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
        refuse_unknown(facts, "facts", &["event", "before", "payment", "verdict", "reason"])?;
        let event: EventInput = input(facts, "event", &EVENT_KEYS)?.unwrap_or_default();
        let before: Option<PaymentInput> = input(facts, "before", &PAYMENT_KEYS)?;
        let payment: PaymentInput = input(facts, "payment", &PAYMENT_KEYS)?.unwrap_or_default();
        let verdict: String = text(facts, "verdict")?;
        let reason: String = text(facts, "reason")?;
        let facts = Facts {
            event: event.facts(),
            before: before.as_ref().map(PaymentInput::facts),
            payment: payment.facts(),
            verdict: &verdict,
            reason: &reason,
        };
        let mut hits = Vec::new();
        self.inner.evaluate(&facts, &mut hits);
        Ok(hits.into_iter().map(|hit| self.inner.rule(hit.rule_index).name.as_str()).collect())
    }
}

const EVENT_KEYS: [&str; 14] = [
    "id",
    "source",
    "type",
    "payment_id",
    "operation_id",
    "merchant_id",
    "parent_id",
    "amount_minor",
    "currency",
    "exponent",
    "occurred_at_us",
    "reason",
    "dispute_stage",
    "dispute_status",
];

/// `event` as a mapping; `occurred_at_us` counts microseconds since 1970-01-01 UTC.
#[derive(Default, FromPyObject)]
#[pyo3(from_item_all)]
struct EventInput {
    #[pyo3(default)]
    id: String,
    #[pyo3(default)]
    source: String,
    #[pyo3(item("type"), default)]
    type_: String,
    #[pyo3(default)]
    payment_id: String,
    #[pyo3(default)]
    operation_id: String,
    #[pyo3(default)]
    merchant_id: String,
    #[pyo3(default)]
    parent_id: Option<String>,
    #[pyo3(default)]
    amount_minor: Option<i64>,
    #[pyo3(default)]
    currency: Option<String>,
    #[pyo3(default)]
    exponent: Option<u8>,
    #[pyo3(default)]
    occurred_at_us: i64,
    #[pyo3(default)]
    reason: Option<String>,
    #[pyo3(default)]
    dispute_stage: Option<String>,
    #[pyo3(default)]
    dispute_status: Option<String>,
}

impl EventInput {
    fn facts(&self) -> EventFacts<'_> {
        EventFacts {
            id: &self.id,
            source: &self.source,
            type_: &self.type_,
            payment_id: &self.payment_id,
            operation_id: &self.operation_id,
            merchant_id: &self.merchant_id,
            parent_id: self.parent_id.as_deref(),
            amount_minor: self.amount_minor,
            currency: self.currency.as_deref(),
            exponent: self.exponent,
            occurred_at_us: self.occurred_at_us,
            reason: self.reason.as_deref(),
            dispute_stage: self.dispute_stage.as_deref(),
            dispute_status: self.dispute_status.as_deref(),
        }
    }
}

const PAYMENT_KEYS: [&str; 17] = [
    "merchant_id",
    "currency",
    "exponent",
    "authorized_minor",
    "released_minor",
    "captured_minor",
    "capture_failed_minor",
    "refunded_minor",
    "disputed_minor",
    "capture_pending_minor",
    "refund_pending_minor",
    "capturable_minor",
    "refundable_minor",
    "over_returned_minor",
    "status",
    "dispute_status",
    "version",
];

/// `payment` or `before` as a mapping.
#[derive(Default, FromPyObject)]
#[pyo3(from_item_all)]
struct PaymentInput {
    #[pyo3(default)]
    merchant_id: String,
    #[pyo3(default)]
    currency: String,
    #[pyo3(default)]
    exponent: u8,
    #[pyo3(default)]
    authorized_minor: i64,
    #[pyo3(default)]
    released_minor: i64,
    #[pyo3(default)]
    captured_minor: i64,
    #[pyo3(default)]
    capture_failed_minor: i64,
    #[pyo3(default)]
    refunded_minor: i64,
    #[pyo3(default)]
    disputed_minor: i64,
    #[pyo3(default)]
    capture_pending_minor: i64,
    #[pyo3(default)]
    refund_pending_minor: i64,
    #[pyo3(default)]
    capturable_minor: i64,
    #[pyo3(default)]
    refundable_minor: i64,
    #[pyo3(default)]
    over_returned_minor: i64,
    #[pyo3(default)]
    status: String,
    #[pyo3(default)]
    dispute_status: String,
    #[pyo3(default)]
    version: i64,
}

impl PaymentInput {
    fn facts(&self) -> PaymentFacts<'_> {
        PaymentFacts {
            merchant_id: &self.merchant_id,
            currency: &self.currency,
            exponent: self.exponent,
            authorized_minor: self.authorized_minor,
            released_minor: self.released_minor,
            captured_minor: self.captured_minor,
            capture_failed_minor: self.capture_failed_minor,
            refunded_minor: self.refunded_minor,
            disputed_minor: self.disputed_minor,
            capture_pending_minor: self.capture_pending_minor,
            refund_pending_minor: self.refund_pending_minor,
            capturable_minor: self.capturable_minor,
            refundable_minor: self.refundable_minor,
            over_returned_minor: self.over_returned_minor,
            status: &self.status,
            dispute_status: &self.dispute_status,
            version: self.version,
        }
    }
}

/// The mapping at `key`, or nothing where it is absent or `None`.
fn input<'py, T>(facts: &Bound<'py, PyDict>, key: &str, known: &[&str]) -> PyResult<Option<T>>
where
    T: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    let Some(value) = facts.get_item(key)?.filter(|value| !value.is_none()) else {
        return Ok(None);
    };
    let fields = value.cast::<PyDict>()?;
    refuse_unknown(fields, key, known)?;
    fields.as_any().extract().map(Some)
}

fn text(facts: &Bound<'_, PyDict>, key: &str) -> PyResult<String> {
    facts.get_item(key)?.map_or_else(|| Ok(String::new()), |value| value.extract())
}

fn refuse_unknown(fields: &Bound<'_, PyDict>, path: &str, known: &[&str]) -> PyResult<()> {
    for key in fields.keys() {
        let key: String = key.extract()?;
        if !known.contains(&key.as_str()) {
            let message = format!("{path}.{key}: no such field; {path} has {}", known.join(", "));
            return Err(PyValueError::new_err(message));
        }
    }
    Ok(())
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
