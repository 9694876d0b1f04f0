//! Python face of the `payflow-sqs` crate: the intake, the bulk sender and the lane function.

use std::sync::OnceLock;
use std::time::Duration;

use payflow_sqs::{
    CallError, Counted, Histogram, Intake, Letter, Options, Queued, Sender, StaticKey, Target, lane_of,
};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

/// Adds what this file exports to `payflow._native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<NativeIntake>()?;
    module.add_class::<NativeSender>()?;
    module.add_function(wrap_pyfunction!(lane_of_message, module)?)
}

/// Lane of a message by its payment id, or by its message id if no payment id can be found.
#[pyfunction]
#[pyo3(name = "lane_of")]
fn lane_of_message(body: &[u8], message_id: &str, lanes: usize) -> PyResult<usize> {
    if lanes == 0 {
        return Err(PyValueError::new_err("lanes: must be at least 1"));
    }
    Ok(lane_of(body, message_id, lanes))
}

/// One list for each column: tokens, bodies, message ids, receive counts, sent at, received at. Then, by position,
/// failed attempts and deliveries of those few that waited in the database.
type Columns<'py> = (
    Bound<'py, PyList>,
    Bound<'py, PyList>,
    Bound<'py, PyList>,
    Bound<'py, PyList>,
    Bound<'py, PyList>,
    Bound<'py, PyList>,
    Bound<'py, PyDict>,
);

/// Bounds in seconds, how many values are at most each of them (one more counts all), and their sum in seconds.
type PyHistogram = (Vec<f64>, Vec<u64>, f64);

/// Token, body and attributes (name, value) of a dead letter.
type PyLetter = (u64, Vec<u8>, Vec<(String, String)>);

/// The intake; see `payflow.intake.native`, its only user.
#[pyclass(frozen)]
struct NativeIntake {
    options: Options,
    running: OnceLock<Intake>,
}

#[pymethods]
impl NativeIntake {
    #[new]
    #[pyo3(signature = (*, queue_url, dead_letter_queue_url, endpoint_url, region, access_key_id, secret_access_key,
        lanes, batch_size_max, batch_age_max_ms, polls_max, in_flight_max, visibility_timeout_s, wait_time_s,
        poll_slack_s, poll_backoff_max_s, connect_timeout_s, call_timeout_s, delete_batch_age_ms, deletes_max,
        extension_total_max_s))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword, and each is a knob")]
    fn new(
        queue_url: String,
        dead_letter_queue_url: Option<String>,
        endpoint_url: Option<String>,
        region: Option<String>,
        access_key_id: Option<String>,
        secret_access_key: Option<String>,
        lanes: usize,
        batch_size_max: usize,
        batch_age_max_ms: f64,
        polls_max: usize,
        in_flight_max: usize,
        visibility_timeout_s: u32,
        wait_time_s: u32,
        poll_slack_s: f64,
        poll_backoff_max_s: f64,
        connect_timeout_s: f64,
        call_timeout_s: f64,
        delete_batch_age_ms: f64,
        deletes_max: usize,
        extension_total_max_s: f64,
    ) -> PyResult<Self> {
        let connect_timeout = duration("connect_timeout_s", connect_timeout_s)?;
        let options = Options {
            target: target(
                queue_url,
                endpoint_url,
                region,
                access_key_id,
                secret_access_key,
                connect_timeout,
            ),
            dead_letter_queue_url,
            lanes,
            batch_size_max,
            batch_age_max: duration("batch_age_max_ms", batch_age_max_ms / 1e3)?,
            polls_max,
            in_flight_max,
            visibility_timeout_s,
            wait_time_s,
            poll_slack: duration("poll_slack_s", poll_slack_s)?,
            call_timeout: duration("call_timeout_s", call_timeout_s)?,
            delete_batch_age: duration("delete_batch_age_ms", delete_batch_age_ms / 1e3)?,
            deletes_max,
            extension_total_max: duration("extension_total_max_s", extension_total_max_s)?,
            paused: false,
            poll_backoff_max: duration("poll_backoff_max_s", poll_backoff_max_s)?,
        };
        Ok(Self { options, running: OnceLock::new() })
    }

    /// Connects, and begins to receive unless it shall be `paused`; blocks until the queue has answered.
    #[pyo3(signature = (*, paused=false))]
    fn start(&self, py: Python<'_>, paused: bool) -> PyResult<()> {
        let options = Options { paused, ..self.options.clone() };
        let intake = py.detach(|| Intake::start(options)).map_err(raised)?;
        self.running.set(intake).map_err(|_| PyRuntimeError::new_err("the intake was started before"))
    }

    /// Descriptor that is readable while `ready` has something to say.
    fn fileno(&self) -> PyResult<i32> {
        Ok(self.running()?.fd())
    }

    /// Lanes whose waiting taker is to look again.
    fn ready(&self) -> PyResult<Vec<usize>> {
        Ok(self.running()?.ready())
    }

    /// True once no lane gets anything any more.
    fn closed(&self) -> PyResult<bool> {
        Ok(self.running()?.is_closed())
    }

    /// The next batch of `lane` as columns; None if there is none yet.
    fn take<'py>(&self, py: Python<'py>, lane: usize) -> PyResult<Option<Columns<'py>>> {
        if lane >= self.options.lanes {
            return Err(PyValueError::new_err(format!(
                "lane: must be below {}, is {lane}",
                self.options.lanes
            )));
        }
        self.running()?.take(lane).map(|taken| columns(py, &taken)).transpose()
    }

    /// Puts deliveries into the delete buffer.
    #[expect(clippy::needless_pass_by_value, reason = "extracted from a Python list")]
    fn acknowledge(&self, tokens: Vec<u64>) -> PyResult<()> {
        self.running()?.acknowledge(&tokens);
        Ok(())
    }

    /// Makes each delivery visible after its delay.
    fn retry(&self, tokens: Vec<u64>, delays_s: Vec<u32>) -> PyResult<()> {
        if tokens.len() != delays_s.len() {
            return Err(PyValueError::new_err("delays_s: must have one delay for each token"));
        }
        self.running()?.retry(tokens.into_iter().zip(delays_s));
        Ok(())
    }

    /// Sends dead letters, then deletes their originals; blocks. Returns the tokens that could not be sent.
    fn dead_letter(&self, py: Python<'_>, letters: Vec<PyLetter>) -> PyResult<Vec<u64>> {
        let intake = self.running()?;
        let letters =
            letters.into_iter().map(|(token, body, attributes)| Letter { token, body, attributes }).collect();
        Ok(py.detach(|| intake.dead_letter(letters)))
    }

    /// Receives, or not; what is in hand stays in hand.
    fn set_receiving(&self, receiving: bool) -> PyResult<()> {
        self.running()?.set_receiving(receiving);
        Ok(())
    }

    /// Receives `more` deliveries beyond what is left of those allowed before; None lifts the count.
    fn allow(&self, more: Option<u64>) -> PyResult<()> {
        self.running()?.allow(more);
        Ok(())
    }

    /// Closes batches at so many deliveries from now on.
    fn set_batch_size_max(&self, batch_size_max: usize) -> PyResult<()> {
        if batch_size_max == 0 {
            return Err(PyValueError::new_err("batch_size_max: must be at least 1"));
        }
        self.running()?.set_batch_size_max(batch_size_max);
        Ok(())
    }

    /// Stops for good; blocks for `timeout_s` at most. Returns (clean, released, abandoned); None the second time.
    fn stop(&self, py: Python<'_>, timeout_s: f64) -> PyResult<Option<(bool, u64, u64)>> {
        let (intake, limit) = (self.running()?, duration("timeout_s", timeout_s)?);
        let report = py.detach(|| intake.stop(limit));
        Ok(report.map(|report| (report.clean, report.released, report.abandoned)))
    }

    /// Counters and gauges by name.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let gauges = self.running()?.gauges();
        let counters = self.running()?.counters();
        let stats = PyDict::new(py);
        for (name, counter) in [
            ("received", &counters.received),
            ("deleted", &counters.deleted),
            ("delete_failures", &counters.delete_failures),
            ("extended", &counters.extended),
            ("extension_failures", &counters.extension_failures),
            ("retried", &counters.retried),
            ("released", &counters.released),
            ("abandoned", &counters.abandoned),
            ("dead_lettered", &counters.dead_lettered),
            ("dead_letter_failures", &counters.dead_letter_failures),
            ("expired", &counters.expired),
            ("receive_calls", &counters.receive_calls),
            ("delete_calls", &counters.delete_calls),
            ("other_calls", &counters.other_calls),
            ("receive_calls_failed", &counters.receive_calls_failed),
            ("delete_calls_failed", &counters.delete_calls_failed),
            ("other_calls_failed", &counters.other_calls_failed),
        ] {
            stats.set_item(name, counter.get())?;
        }
        stats.set_item("in_flight", gauges.in_flight)?;
        stats.set_item("buffered", gauges.buffered)?;
        stats.set_item("polls_active", gauges.polls_active)?;
        stats.set_item("clients_rebuilt", gauges.clients_rebuilt)?;
        stats.set_item("allowance", gauges.allowance)?;
        stats.set_item("errors", counters.errors())?;
        let margin_ms = counters.margin_min().map(|margin| margin.as_millis() as u64);
        stats.set_item("extension_margin_min_ms", margin_ms)?;
        Ok(stats)
    }

    /// Histograms: acknowledging first deliveries, acknowledging others, margins of extensions.
    fn timings(&self) -> PyResult<(PyHistogram, PyHistogram, PyHistogram)> {
        let counters = self.running()?.counters();
        let read = |histogram: &Histogram| {
            let Counted { bounds_s, counts, sum_s } = histogram.read();
            (bounds_s.to_vec(), counts, sum_s)
        };
        Ok((read(&counters.acknowledge_first), read(&counters.acknowledge_again), read(&counters.margins)))
    }
}

impl NativeIntake {
    fn running(&self) -> PyResult<&Intake> {
        self.running
            .get()
            .ok_or_else(|| PyRuntimeError::new_err("the intake is not started; call start() first"))
    }
}

/// Sends many messages fast; see [`Sender`].
#[pyclass(frozen)]
struct NativeSender {
    sender: Sender,
}

#[pymethods]
impl NativeSender {
    #[new]
    #[pyo3(signature = (endpoint_url, region, queue_url, connections, *, access_key_id=None, secret_access_key=None,
        call_timeout_s=10.0))]
    #[expect(clippy::too_many_arguments, reason = "each is a knob")]
    fn new(
        py: Python<'_>,
        endpoint_url: Option<String>,
        region: Option<String>,
        queue_url: String,
        connections: usize,
        access_key_id: Option<String>,
        secret_access_key: Option<String>,
        call_timeout_s: f64,
    ) -> PyResult<Self> {
        if connections == 0 {
            return Err(PyValueError::new_err("connections: must be at least 1"));
        }
        let call_timeout = duration("call_timeout_s", call_timeout_s)?;
        let target = target(queue_url, endpoint_url, region, access_key_id, secret_access_key, call_timeout);
        let sender = py.detach(|| Sender::open(&target, connections, call_timeout)).map_err(raised)?;
        Ok(Self { sender })
    }

    /// Sends every body once; blocks. Returns the positions that failed, each with the reason.
    fn send(&self, py: Python<'_>, bodies: Vec<Vec<u8>>) -> Vec<(usize, String)> {
        py.detach(|| self.sender.send(bodies))
    }
}

fn target(
    queue_url: String,
    endpoint_url: Option<String>,
    region: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    connect_timeout: Duration,
) -> Target {
    let key = access_key_id
        .zip(secret_access_key)
        .map(|(access_key_id, secret_access_key)| StaticKey { access_key_id, secret_access_key });
    Target { queue_url, endpoint_url, region, key, connect_timeout }
}

fn duration(name: &str, seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| PyValueError::new_err(format!("{name}: must be a time of 0 or more, is {seconds}")))
}

fn raised(error: CallError) -> PyErr {
    match error {
        CallError::Setting(text) => PyValueError::new_err(text),
        other => PyOSError::new_err(other.to_string()),
    }
}

fn columns<'py>(py: Python<'py>, taken: &[Queued]) -> PyResult<Columns<'py>> {
    let carried = PyDict::new(py);
    for (position, queued) in taken.iter().enumerate() {
        if let Some(behind) = queued.carried {
            carried.set_item(position, behind)?;
        }
    }
    Ok((
        PyList::new(py, taken.iter().map(|queued| queued.token))?,
        PyList::new(py, taken.iter().map(|queued| PyBytes::new(py, queued.body.as_bytes())))?,
        PyList::new(py, taken.iter().map(|queued| PyString::new(py, &queued.message_id)))?,
        PyList::new(py, taken.iter().map(|queued| queued.receive_count))?,
        PyList::new(py, taken.iter().map(|queued| queued.sent_at_ms))?,
        PyList::new(py, taken.iter().map(|queued| queued.received_at_ms))?,
        carried,
    ))
}
