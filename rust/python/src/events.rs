//! A batch of decoded events, taken over from Python once and kept in Rust until the batch is decided.

use std::str::FromStr;

use payflow_idempotency::{Amount, Fields, fingerprint, mark_key};
use payflow_ledger::literal::Literal;
use payflow_lifecycle::{Currency, Dispute, Event, Fingerprint, Money};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyList};

/// Decoded events of one batch with their payloads, in order of arrival.
#[pyclass(frozen, module = "payflow._native")]
pub struct Events {
    pub(crate) decoded: Vec<Event>,
    /// The metadata of each event as JSON, where it has any.
    pub(crate) metadata: Vec<Option<Box<str>>>,
    pub(crate) payloads: Vec<Py<PyBytes>>,
}

#[pymethods]
impl Events {
    /// Takes over `PaymentEvent`s; `payloads[i]` is the JSON that event `i` was decoded from.
    #[new]
    fn new(py: Python<'_>, events: &Bound<'_, PyList>, payloads: Vec<Py<PyBytes>>) -> PyResult<Self> {
        if events.len() != payloads.len() {
            return Err(PyValueError::new_err("events and payloads must have the same length"));
        }
        let mut batch = Self {
            decoded: Vec::with_capacity(events.len()),
            metadata: Vec::with_capacity(events.len()),
            payloads,
        };
        // Not orjson, which refuses integers beyond 64 bits: metadata may have them.
        let encode = py.import(intern!(py, "msgspec.json"))?.getattr(intern!(py, "encode"))?;
        for decoded in events.iter() {
            let event = take_over(py, &decoded)?;
            // Only an event that can create a payment gives it its metadata.
            let metadata = if event.kind.creates() { metadata_of(&decoded, &encode)? } else { None };
            batch.decoded.push(event);
            batch.metadata.push(metadata);
        }
        Ok(batch)
    }

    fn __len__(&self) -> usize {
        self.decoded.len()
    }

    /// The Redis key of each event's mark; `ledger_id` keeps the marks of other books apart.
    fn mark_keys<'py>(&self, py: Python<'py>, ledger_id: &str) -> Vec<Bound<'py, PyBytes>> {
        let mut key = Vec::with_capacity(64);
        self.decoded
            .iter()
            .map(|event| {
                key.clear();
                mark_key(ledger_id, &event.payment_id, &event.source, &event.event_id, &mut key);
                PyBytes::new(py, &key)
            })
            .collect()
    }

    /// The fingerprint of each event, 16 bytes.
    fn fingerprints<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        self.decoded.iter().map(|event| PyBytes::new(py, &event.fingerprint.0)).collect()
    }

    /// The ids of each event, for messages: (payment id, source, event id, correlation id).
    fn names(&self, index: usize) -> PyResult<(&str, &str, &str, &str)> {
        let event = self.decoded.get(index).ok_or_else(|| PyValueError::new_err("no event at that index"))?;
        Ok((&event.payment_id, &event.source, &event.event_id, &event.correlation_id))
    }

    /// The parameters of `lock.sql` and `read.sql` for the events that are not `known` (one byte each, 1 = known):
    /// payment ids once each and sorted; then payment id, source and event id of each event.
    fn lock_parameters(&self, known: &[u8]) -> PyResult<[String; 4]> {
        if known.len() != self.decoded.len() {
            return Err(PyValueError::new_err("known must have one byte for each event"));
        }
        let fresh: Vec<&Event> = self
            .decoded
            .iter()
            .zip(known)
            .filter(|(_, known)| **known == 0)
            .map(|(event, _)| event)
            .collect();
        let literal = |texts: &[&str]| {
            let mut literal = Literal::with_room(texts.len(), 32);
            for text in texts {
                literal.text(text);
            }
            literal.finish()
        };
        let of = |field: fn(&Event) -> &str| fresh.iter().map(|event| field(event)).collect::<Vec<_>>();
        let payment_ids = of(|event| &event.payment_id);
        let mut sorted = payment_ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        Ok([
            literal(&sorted),
            literal(&payment_ids),
            literal(&of(|event| &event.source)),
            literal(&of(|event| &event.event_id)),
        ])
    }
}

fn text(event: &Bound<'_, PyAny>, name: &Bound<'_, pyo3::types::PyString>) -> PyResult<Box<str>> {
    Ok(Box::from(&*event.getattr(name)?.extract::<PyBackedStr>()?))
}

fn text_or_none(
    event: &Bound<'_, PyAny>,
    name: &Bound<'_, pyo3::types::PyString>,
) -> PyResult<Option<Box<str>>> {
    let value = event.getattr(name)?;
    if value.is_none() {
        return Ok(None);
    }
    Ok(Some(Box::from(&*value.extract::<PyBackedStr>()?)))
}

fn named<T: FromStr>(text: &str) -> PyResult<T> {
    text.parse().map_err(|_| PyValueError::new_err(format!("{text:?} is not a name of the wire format")))
}

fn take_over(py: Python<'_>, decoded: &Bound<'_, PyAny>) -> PyResult<Event> {
    let kind: PyBackedStr = decoded.getattr(intern!(py, "type"))?.extract()?;
    let dispute = decoded.getattr(intern!(py, "dispute"))?;
    let (dispute, due_at_us) = if dispute.is_none() { (None, None) } else { dispute_of(py, &dispute)? };
    let mut event = Event {
        source: text(decoded, intern!(py, "source"))?,
        event_id: text(decoded, intern!(py, "event_id"))?,
        kind: named(&kind)?,
        payment_id: text(decoded, intern!(py, "payment_id"))?,
        operation_id: text(decoded, intern!(py, "operation_id"))?,
        parent_id: text_or_none(decoded, intern!(py, "parent_id"))?,
        merchant_id: text(decoded, intern!(py, "merchant_id"))?,
        money: money_of(py, decoded)?,
        occurred_at_us: instant_us(&decoded.getattr(intern!(py, "occurred_at"))?)?,
        reason: text_or_none(decoded, intern!(py, "reason"))?,
        dispute,
        correlation_id: text(decoded, intern!(py, "correlation_id"))?,
        fingerprint: Fingerprint::default(),
    };
    event.fingerprint = Fingerprint(fingerprint(&fields(&event, due_at_us)));
    Ok(event)
}

fn money_of(py: Python<'_>, decoded: &Bound<'_, PyAny>) -> PyResult<Option<Money>> {
    let amount = decoded.getattr(intern!(py, "amount"))?;
    if amount.is_none() {
        return Ok(None);
    }
    let code: PyBackedStr = amount.getattr(intern!(py, "currency"))?.extract()?;
    let code =
        code.as_bytes().try_into().map_err(|_| PyValueError::new_err("currency must be three letters"))?;
    Ok(Some(Money {
        amount_minor: amount.getattr(intern!(py, "value"))?.extract()?,
        currency: Currency(code),
        exponent: amount.getattr(intern!(py, "exponent"))?.extract()?,
    }))
}

fn dispute_of(py: Python<'_>, dispute: &Bound<'_, PyAny>) -> PyResult<(Option<Dispute>, Option<i64>)> {
    let stage: PyBackedStr = dispute.getattr(intern!(py, "stage"))?.extract()?;
    let status: PyBackedStr = dispute.getattr(intern!(py, "status"))?.extract()?;
    let due_at = dispute.getattr(intern!(py, "due_at"))?;
    let due_at_us = if due_at.is_none() { None } else { Some(instant_us(&due_at)?) };
    let dispute = Dispute { stage: named(&stage)?, status: named(&status)? };
    Ok((Some(dispute), due_at_us))
}

/// Microseconds since the epoch of an aware datetime. A float of seconds holds them exactly until the year 2255.
fn instant_us(instant: &Bound<'_, PyAny>) -> PyResult<i64> {
    let seconds: f64 = instant.call_method0(intern!(instant.py(), "timestamp"))?.extract()?;
    Ok((seconds * 1e6).round() as i64)
}

fn metadata_of(decoded: &Bound<'_, PyAny>, encode: &Bound<'_, PyAny>) -> PyResult<Option<Box<str>>> {
    let metadata = decoded.getattr(intern!(decoded.py(), "metadata"))?;
    if metadata.is_none() {
        return Ok(None);
    }
    let encoded = encode.call1((metadata,))?;
    let bytes: &[u8] = encoded.extract()?;
    Ok(Some(String::from_utf8_lossy(bytes).into()))
}

fn fields(event: &Event, due_at_us: Option<i64>) -> Fields<'_> {
    Fields {
        event_id: &event.event_id,
        source: &event.source,
        event_type: event.kind.as_str(),
        payment_id: &event.payment_id,
        operation_id: &event.operation_id,
        merchant_id: &event.merchant_id,
        parent_id: event.parent_id.as_deref(),
        amount: event.money.as_ref().map(|money| Amount {
            value: money.amount_minor,
            currency: money.currency.as_str(),
            exponent: money.exponent,
        }),
        occurred_at_us: event.occurred_at_us,
        reason: event.reason.as_deref(),
        dispute: event.dispute.map(|dispute| payflow_idempotency::Dispute {
            stage: dispute.stage.as_str(),
            status: dispute.status.as_str(),
            due_at_us,
        }),
    }
}
