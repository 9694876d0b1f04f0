"""Draws docs/benchmarks/*.svg from benchmarks/results/*.json: `python benchmarks/plot.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from svg import Bar, bars, line

HERE = Path(__file__).resolve().parent
RESULTS, PLOTS = HERE / "results", HERE.parent / "docs" / "benchmarks"

PIPELINE = "pipeline-native-300000.json"
FAR_AWAY = "pipeline-native-300000-sqs20ms-redis1ms-postgres2ms.json"
COMPARED = "pipeline-compare-100000.json"
LONG = "pipeline-native-1000000.json"
LATENCY = "latency-native-1000.json"

PARTS = {"worker": "worker", "postgres": "PostgreSQL", "valkey": "Valkey", "queue": "SQS server"}


def read(name: str) -> dict[str, Any]:
    """Read one result."""
    figures: dict[str, Any] = orjson.loads((RESULTS / name).read_bytes())
    return figures


def cpu(label: str, figures: dict[str, Any]) -> Bar:
    """Give what one event costs each process."""
    parts = {name: figures[f"{part}_cpu_us_per_event"] for part, name in PARTS.items()}
    if figures["run"]["delays_cpu_us_per_event"]:
        parts["delay proxies"] = figures["run"]["delays_cpu_us_per_event"]
    return Bar(label, parts)


def plots() -> dict[str, str]:
    """Draw all plots, by file name."""
    near, far, compared, long = read(PIPELINE), read(FAR_AWAY), read(COMPARED), read(LONG)
    native, plain, latency = compared["native"], compared["aioboto3"], read(LATENCY)
    rates = [("300,000 events", near), ("with latency added", far), ("1,000,000 events", long)]
    return {
        "throughput.svg": bars(
            "Events per second, one worker, durable commits",
            "events/s",
            [Bar(label, {"events/s": figures["events_per_s"]}) for label, figures in rates],
            bar_at=10_000,
            bar_says="asked: 10,000 (5,000 with latency)",
        ),
        "cpu.svg": bars(
            "CPU time an event, by process",
            "µs",
            [cpu(label, figures) for label, figures in rates] + [cpu("aioboto3 transport", plain)],
        ),
        "transports.svg": bars(
            f"Native against aioboto3: {compared['native_over_aioboto3']:g} times the rate",
            "events/s",
            [
                Bar("native", {"events/s": native["events_per_s"]}),
                Bar("aioboto3", {"events/s": plain["events_per_s"]}),
            ],
        ),
        "latency.svg": bars(
            f"Intended sending to commit at {latency['run']['rate']:,} events/s",
            "ms",
            [Bar(name.replace("p999", "p99.9"), {"ms": value}) for name, value in latency["latency_ms"].items()],
            bar_at=60,
            bar_says="asked of p99: 60 ms",
        ),
        "memory.svg": line(
            "Resident memory of the worker over 1,000,000 events",
            "seconds since its start",
            "MiB",
            [(at, mib) for at, mib in long["run"]["rss_mib"]],
            bar_at=200,
            bar_says="asked: under 200 MiB",
        ),
    }


def main() -> None:
    """Write every plot."""
    PLOTS.mkdir(parents=True, exist_ok=True)
    for name, drawn in plots().items():
        (PLOTS / name).write_text(drawn, "utf-8")


if __name__ == "__main__":
    main()
