"""What `payflow bench` prints for people."""

from __future__ import annotations

from typing import Any

from payflow.cli.bench_view import latency_lines, pipeline_lines

PIPELINE: dict[str, Any] = {
    "events_per_s": 12_345.6,
    "worker_cpu_us_per_event": 23.4,
    "postgres_cpu_us_per_event": 22.8,
    "valkey_cpu_us_per_event": 4.4,
    "queue_cpu_us_per_event": 4.7,
    "lag_ms": {"p50": 9_560.1, "p95": 11_182.1, "p99": 11_485.2},
    "peak_rss_mib": 109.9,
    "api_calls_per_1000_events": 200.1,
    "machine": {"cores_used_by_others": 0.02, "cores": 2},
    "run": {
        "events": 300_000,
        "transport": "native",
        "lanes": 2,
        "batch_mean": 495.2,
        "delays_cpu_us_per_event": 0.0,
        "proof": {"every_event_decided": True, "trail_deliveries": 300_000, "trail_events": 291_311},
    },
}
LATENCY: dict[str, Any] = {
    "latency_ms": {"p50": 9.33, "p95": 14.77, "p99": 19.86, "p999": 27.98, "max": 1_035.89},
    "run": {"measured": 30_000, "rate": 1_000, "transport": "native", "sent_late_ms_max": 8.1},
}


def test_a_drain_is_told_one_figure_a_line() -> None:
    assert pipeline_lines(PIPELINE) == [
        "300,000 events, native transport, 2 lanes:",
        "  rate                              12,346 events/s",
        "  CPU an event, worker                      23.4 µs",
        "  CPU an event, PostgreSQL                  22.8 µs",
        "  CPU an event, Valkey                       4.4 µs",
        "  CPU an event, SQS server                   4.7 µs",
        "  lag from sent to committed, p50          9,560 ms",
        "  lag from sent to committed, p95         11,182 ms",
        "  lag from sent to committed, p99         11,485 ms",
        "  peak memory of the worker                 110 MiB",
        "  SQS calls for 1,000 events                    200",
        "  events in a batch, mean                       495",
        "  cores used by others                    0.02 of 2",
        "Every event was decided: the queue is empty, the trail has 300,000 deliveries of 291,311 events",
    ]


def test_delaying_proxies_are_told_only_where_there_are_some() -> None:
    delayed = PIPELINE | {"run": PIPELINE["run"] | {"delays_cpu_us_per_event": 12.3}}
    assert any("delaying proxies" in line and "12.3 µs" in line for line in pipeline_lines(delayed))


def test_a_run_that_lost_events_does_not_say_that_all_were_decided() -> None:
    proof = PIPELINE["run"]["proof"] | {"every_event_decided": False}
    lost = PIPELINE | {"run": PIPELINE["run"] | {"proof": proof}}
    assert not any("decided" in line for line in pipeline_lines(lost))


def test_latencies_are_told_with_the_senders_lateness() -> None:
    lines = latency_lines(LATENCY)
    assert lines[0] == "30,000 events at 1,000/s, native transport, from intended sending to commit:"
    assert lines[4] == "  p99.9                                27.98 ms"
    assert lines[-1] == "The sender was at most 8.10 ms late; that is in the figures"
