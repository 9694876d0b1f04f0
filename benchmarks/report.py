"""Makes the tables and plots of docs/benchmarks.md from the results: `python -m benchmarks.report`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks import api_tables
from benchmarks.svg import Bar, bars, line

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
RESULTS, PAGE = HERE / "results", HERE.parent / "docs" / "benchmarks.md"
PLOTS = PAGE.parent / "benchmarks"

PIPELINE = "pipeline-native-300000.json"
FAR_AWAY = "pipeline-native-300000-sqs20ms-redis1ms-postgres2ms.json"
COMPARED = "pipeline-compare-100000.json"
LONG = "pipeline-native-1000000.json"
LATENCY = "latency-native-1000.json"
API = "api-1150000.json"
PARTS_ALONE = "parts.json"
JUDGE = "lifecycle-judge.txt"
"""What `cargo bench -p payflow-lifecycle --bench judge` printed."""

PROCESSES = {"worker": "worker", "postgres": "PostgreSQL", "valkey": "Valkey", "queue": "SQS server"}

Figures = dict[str, Any]


def read(name: str) -> Figures:
    """Read one result."""
    figures: Figures = orjson.loads((RESULTS / name).read_bytes())
    return figures


def cpu(label: str, figures: Figures) -> Bar:
    """Give what one event costs each process."""
    parts = {name: figures[f"{part}_cpu_us_per_event"] for part, name in PROCESSES.items()}
    if figures["run"]["delays_cpu_us_per_event"]:
        parts["delaying proxies"] = figures["run"]["delays_cpu_us_per_event"]
    return Bar(label, parts)


def plots() -> dict[str, str]:
    """Draw all plots, by file name."""
    compared, long, latency = read(COMPARED), read(LONG), read(LATENCY)
    runs = [
        ("300,000 events", read(PIPELINE)),
        ("with latency added", read(FAR_AWAY)),
        ("1,000,000 events", long),
    ]
    return {
        "throughput.svg": bars(
            "Events per second, one worker, durable commits",
            "events/s",
            [Bar(label, {"events/s": figures["events_per_s"]}) for label, figures in runs],
            bar_at=10_000,
            bar_says="asked: 10,000 (5,000 with latency)",
        ),
        "cpu.svg": bars(
            "CPU time of each process for one event",
            "µs",
            [*(cpu(*run) for run in runs), cpu("aioboto3 transport", compared["aioboto3"])],
        ),
        "transports.svg": bars(
            f"Native against aioboto3: {compared['native_over_aioboto3']:g} times the rate",
            "events/s",
            [Bar(name, {"events/s": compared[name]["events_per_s"]}) for name in ("native", "aioboto3")],
        ),
        "latency.svg": bars(
            f"From intended sending to commit at {latency['run']['rate']:,} events/s",
            "ms",
            [Bar(shown(name), {"ms": value}) for name, value in latency["latency_ms"].items()],
            bar_at=60,
            bar_says="asked of p99: 60 ms",
        ),
        "api.svg": api_tables.plot(read(API)["questions"]),
        "memory.svg": line(
            "Resident memory of the worker over 1,000,000 events",
            "seconds since its start",
            "MiB",
            [(at, mib) for at, mib in long["run"]["rss_mib"]],
            bar_at=200,
            bar_says="asked: under 200 MiB",
        ),
    }


def shown(quantile: str) -> str:
    """Give a quantile's name for people."""
    return quantile.replace("p999", "p99.9")


def tables() -> dict[str, str]:
    """Write the tables of the page, by the name of their place in it."""
    near, far, compared, long, latency = map(read, (PIPELINE, FAR_AWAY, COMPARED, LONG, LATENCY))
    parts, lag = read(PARTS_ALONE)["parts"], latency["latency_ms"]
    redis, api = parts["redis_check_and_mark"], read(API)["questions"]
    asked = [
        ("events/s, one worker, 300,000 events", "10,000", f"{near['events_per_s']:,.0f}"),
        ("worker CPU an event", "under 50 µs", f"{near['worker_cpu_us_per_event']:.1f} µs"),
        ("native against aioboto3", "3 times", f"{compared['native_over_aioboto3']:.1f} times"),
        ("events/s with 20 ms SQS, 1 ms Redis, 2 ms PostgreSQL", "5,000", f"{far['events_per_s']:,.0f}"),
        ("p50 at 1,000 events/s", "under 15 ms", f"{lag['p50']:.1f} ms"),
        ("p99 at 1,000 events/s", "under 60 ms", f"{lag['p99']:.1f} ms"),
        ("lifecycle in Rust, an event of a typical payment", "under 1 µs", _judge()),
        ("idempotency check and mark, an event", "under 10 µs", _median_and_best(redis)),
        ("worker's memory over 1,000,000 events", "under 200 MiB", f"{long['peak_rss_mib']:.0f} MiB"),
    ]
    runs = {
        "300,000 events": near,
        "the same, latency added": far,
        "1,000,000 events": long,
        "100,000 events, native": compared["native"],
        "100,000 events, aioboto3": compared["aioboto3"],
    }
    return {
        "asked": _table(("figure", "asked", "measured"), asked),
        "runs": _table(
            (
                "run",
                "events/s",
                *(f"{name} µs" for name in PROCESSES.values()),
                "calls/1000",
                "batch",
                "others",
            ),
            [_run_row(label, figures) for label, figures in runs.items()],
        ),
        "parts": _table(
            ("part", "µs an event, median", "best"),
            [
                (name.replace("_", " "), f"{one['median_us']}", f"{one['best_us']}")
                for name, one in parts.items()
            ],
        ),
        "machine": _machine(near["machine"]),
        "api": _table(("figure", "asked", "measured"), api_tables.asked(api)),
        "filters": _table(
            ("filter", "first page, p50 ms", "p99", "last page", "p50 ms", "p99"), api_tables.filters(api)
        ),
    }


def _judge() -> str:
    """Give the first line's figure: payments of usual length, facts in order."""
    found = re.search(r"(\d+) ns/event", (RESULTS / JUDGE).read_text("utf-8"))
    if found is None:
        raise SystemExit(
            f"{JUDGE}: no figure in it; write `cargo bench -p payflow-lifecycle --bench judge` there"
        )
    return f"{int(found[1]) / 1_000:.2f} µs"


def _median_and_best(one: dict[str, float]) -> str:
    return f"{one['median_us']:.2f} µs (best {one['best_us']:.2f})"


def _run_row(label: str, figures: Figures) -> tuple[str, ...]:
    costs = (f"{figures[f'{part}_cpu_us_per_event']:.1f}" for part in PROCESSES)
    return (
        label,
        f"{figures['events_per_s']:,.0f}",
        *costs,
        f"{figures['api_calls_per_1000_events']:.0f}",
        f"{figures['run']['batch_mean']:.0f}",
        f"{figures['machine']['cores_used_by_others']:.2f}",
    )


def _machine(machine: Figures) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"{machine['cpu_model']}, {machine['cores']} cores, {machine['memory_mib'] / 1024:.1f} GiB, "
        f"{machine['kernel']}, data on {machine['data_filesystem']}; Python {machine['python']}, {versions}."
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def filled(page: str, parts: dict[str, str]) -> str:
    """Put each part between its marks, `<!-- name -->` and `<!-- /name -->`.

    Raises:
        ValueError: when the page lacks a mark.

    """
    for name, text in parts.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, began, rest = page.partition(begin)
        _, ended, after = rest.partition(end)
        if not (began and ended):
            raise ValueError(f"{PAGE.name} has no place for {name}: it needs {begin.strip()} and {end}")
        page = f"{before}{begin}{text}\n{end}{after}"
    return page


def main() -> None:
    """Draw every plot, and fill the page's tables."""
    PLOTS.mkdir(parents=True, exist_ok=True)
    for name, drawn in plots().items():
        (PLOTS / name).write_text(drawn, "utf-8")
    PAGE.write_text(filled(PAGE.read_text("utf-8"), tables()), "utf-8")


if __name__ == "__main__":
    main()
