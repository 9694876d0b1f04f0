//! Python face of the `localsqs` crate.

use std::io::{Write as _, stdout};
use std::net::IpAddr;
use std::path::PathBuf;

use payflow_localsqs::faults::FaultSettings;
use payflow_localsqs::limits::MEMORY_CAP_BYTES_DEFAULT;
use payflow_localsqs::{Options, serve};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

/// Adds what this file exports to `payflow._native`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("LOCALSQS_MEMORY_CAP_BYTES_DEFAULT", MEMORY_CAP_BYTES_DEFAULT)?;
    module.add_function(wrap_pyfunction!(serve_localsqs, module)?)
}

/// Serve SQS in the calling thread until SIGTERM or SIGINT, with the interpreter lock released.
///
/// Writes one line to stdout, `ready http://HOST:PORT`, as soon as calls are answered; port 0 takes a free port.
/// It takes over the handling of both signals, so run it in a process of its own.
///
/// Raises `ValueError` for a host that is no address and for fault switches that are not valid, `OSError` when the
/// port is in use or the snapshot can't be read or written.
#[pyfunction]
#[pyo3(signature = (host="127.0.0.1", port=0, *, base_url=None, faults_json=None, snapshot_path=None,
                    memory_cap_bytes=MEMORY_CAP_BYTES_DEFAULT))]
fn serve_localsqs(
    py: Python<'_>,
    host: &str,
    port: u16,
    base_url: Option<String>,
    faults_json: Option<&str>,
    snapshot_path: Option<PathBuf>,
    memory_cap_bytes: u64,
) -> PyResult<()> {
    let host: IpAddr = host.parse().map_err(|_| {
        PyValueError::new_err(format!("host: {host} is not an IP address; give one, like 127.0.0.1"))
    })?;
    let faults = faults_json
        .map_or_else(|| Ok(FaultSettings::default()), |json| FaultSettings::parse(json.as_bytes()));
    let faults = faults.map_err(PyValueError::new_err)?;
    let options = Options { host, port, base_url, faults, memory_cap_bytes, snapshot_path };
    let announce = |address| {
        // Without a reader of the line the server is still of use.
        let _ = writeln!(stdout(), "ready http://{address}").and_then(|()| stdout().flush());
    };
    py.detach(|| serve(&options, announce)).map_err(|error| PyOSError::new_err(error.to_string()))
}
