"""`payflow bench` on servers of its own, with few events: what it prints and writes, not how fast it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from payflow.cli import run
from payflow.cli.exits import Exit

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

KEYS = [
    "events_per_s",
    "worker_cpu_us_per_event",
    "postgres_cpu_us_per_event",
    "valkey_cpu_us_per_event",
    "queue_cpu_us_per_event",
    "lag_ms",
    "peak_rss_mib",
    "api_calls_per_1000_events",
    "machine",
]
EVENTS = 600


def bench(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Run the command, and give the JSON that it printed."""
    code = run(["bench", *arguments, "--json"])
    printed = capsys.readouterr()
    assert code == Exit.OK, printed.err
    figures: dict[str, Any] = orjson.loads(printed.out)
    return figures


def test_pipeline_prints_and_writes_the_figures_that_were_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "figures.json"
    figures = bench(capsys, "pipeline", "--events", str(EVENTS), "--out", str(out))
    assert [key for key in figures if key != "run"] == KEYS
    assert list(figures["lag_ms"]) == ["p50", "p95", "p99"]
    assert figures["run"]["proof"]["every_event_decided"]
    assert figures["run"]["proof"]["trail_deliveries"] >= EVENTS
    assert orjson.loads(out.read_bytes()) == figures


def test_pipeline_decides_every_event_through_all_delays(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    delays = ("--latency-sqs-ms", "2", "--latency-redis-ms", "0.5", "--latency-postgres-ms", "0.5")
    figures = bench(
        capsys, "pipeline", "--events", str(EVENTS), *delays, "--out", str(tmp_path / "figures.json")
    )
    assert figures["run"]["proof"]["every_event_decided"]
    assert figures["run"]["added_latency_ms"] == {"sqs_ms": 2, "redis_ms": 0.5, "postgres_ms": 0.5}
    assert figures["run"]["failures"] == {}


def test_compare_measures_both_transports_and_gives_the_ratio(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "figures.json"
    figures = bench(capsys, "pipeline", "--events", str(EVENTS), "--compare", "--out", str(out))
    rates = {name: figures[name]["events_per_s"] for name in ("native", "aioboto3")}
    assert figures["native_over_aioboto3"] == round(rates["native"] / rates["aioboto3"], 2)
    assert figures["aioboto3"]["run"]["transport"] == "aioboto3"


def test_latency_measures_every_event_past_the_warm_up(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    load = ("--rate", "200", "--seconds", "2", "--warm-up", "1")
    figures = bench(capsys, "latency", *load, "--out", str(tmp_path / "figures.json"))
    assert figures["run"]["measured"] == 400
    assert figures["run"]["sent"] == 600
    assert list(figures["latency_ms"]) == ["p50", "p95", "p99", "p999", "max"]
    assert min(figures["latency_ms"].values()) > 0


def test_an_outage_costs_no_dead_letter_and_no_second_receive(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    size = ("--seconds", "1", "--rate", "200", "--backlog", "5000")
    figures = bench(capsys, "outage", *size, "--out", str(tmp_path / "figures.json"))
    assert (figures["dead_letters"], figures["received_again"], figures["queue_left"]) == (0, 0, 0)
    assert figures["full_rate_events_per_s"] > 0
    assert figures["run"]["sent"] > 5_000
    assert figures["run"]["failures"].keys() == {"store_unavailable"}, "it was away"


def test_restarts_finish_nothing_twice(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    size = ("--times", "2", "--workers", "1", "--rate", "300")
    figures = bench(capsys, "restarts", *size, "--out", str(tmp_path / "figures.json"))
    counts = ("events_lost", "applied_twice", "finished_again", "attempts", "dead_letters")
    assert {name: figures[name] for name in counts} == dict.fromkeys(counts, 0)
    assert figures["run"]["ended_with"] == {"0": 3}, "two that were replaced, and the last one"
    assert figures["run"]["sent"] > 0
