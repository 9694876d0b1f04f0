//! The endpoints under `/_payflow/`, which are not part of SQS.
//!
//! `GET faults` shows the switches; `POST faults` replaces them all (what is left out is off) and starts their
//! counters anew, so that the same seed meets the same faults again. `GET stats` shows counters and what is held.
//! `POST reset` deletes all queues, zeroes the counters and turns all switches off.

use hyper::{Method, StatusCode};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

use crate::engine::Engine;
use crate::faults::{FaultSettings, Faults};
use crate::stats::StatsReport;

/// What all paths here start with.
pub const PREFIX: &str = "/_payflow/";

/// Answers one request: a status and JSON.
pub fn answer(engine: &mut Engine, method: &Method, path: &str, body: &[u8]) -> (StatusCode, Vec<u8>) {
    match (method, &path[PREFIX.len()..]) {
        (&Method::GET, "faults") => ok(engine.faults.settings()),
        (&Method::POST, "faults") => match FaultSettings::parse(body) {
            Ok(settings) => {
                engine.faults = Faults::new(settings);
                ok(engine.faults.settings())
            }
            Err(error) => refuse(StatusCode::BAD_REQUEST, &error),
        },
        (&Method::GET, "stats") => ok(&StatsReport::new(engine, process_cpu_s())),
        (&Method::POST, "reset") => {
            engine.reset();
            ok(&json!({}))
        }
        _ => refuse(
            StatusCode::NOT_FOUND,
            "there are GET and POST /_payflow/faults, GET /_payflow/stats and POST /_payflow/reset",
        ),
    }
}

fn ok(value: &impl serde::Serialize) -> (StatusCode, Vec<u8>) {
    match serde_json::to_vec(value) {
        Ok(json) => (StatusCode::OK, json),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn refuse(status: StatusCode, error: &str) -> (StatusCode, Vec<u8>) {
    (status, json!({ "error": error }).to_string().into_bytes())
}

/// CPU time of the whole process, user and system, in s.
fn process_cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
