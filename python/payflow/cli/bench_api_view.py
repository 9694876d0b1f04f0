"""The figures of `payflow bench api` for people."""

from __future__ import annotations

from typing import Any

from payflow.cli.bench_view import aligned


def api_lines(figures: dict[str, Any]) -> list[str]:
    """Give a block of lines for each question that was asked."""
    shown = {
        "mixed": _mixed,
        "pages": _pages,
        "cached": _cached,
        "visible": _visible,
        "beside": _beside,
    }
    lines = [f"{figures['payments']:,} payments:"]
    for question, found in figures["questions"].items():
        title, rows = shown[question](found)
        lines += [title, *aligned(rows)]
    return lines


def api_problems(figures: dict[str, Any]) -> list[str]:
    """Say which questions met refusals or lost events."""
    problems = []
    for question, found in figures["questions"].items():
        answers = found.get("api", found)
        if answers.get("errors"):
            problems.append(f"{question}: {answers['errors']:,} requests were refused: {answers['statuses']}")
        if found.get("events_missing"):
            problems.append(f"{question}: {found['events_missing']:,} events were never committed")
    return problems


def _mixed(found: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    title = f"Mixed reads at {found['rate']:,}/s for {found['seconds']} s:"
    return title, [*_latency(found["latency_ms"]), ("errors", f"{found['errors']:,}")]


def _pages(found: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    rows = [(f"{name}, page {row['page']}", _both(row)) for name, row in found["filters"].items()]
    rows.append(("worst", f"p99 {found['p99_ms_max']:.1f} ms, ratio {found['ratio_max']:.2f}"))
    return "The first page against the last of 500, by filter:", rows


def _both(row: dict[str, Any]) -> str:
    first, last = row["first_ms"]["p99"], row["last_ms"]["p99"]
    return f"p99 {first:.1f} / {last:.1f} ms, ratio {row['ratio_p50']:.2f}"


def _cached(found: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    title = f"One list from the cache, {found['connections']} connections, one process:"
    return title, [("rate", f"{found['requests_per_s']:,.0f} requests/s"), *_latency(found["latency_ms"])]


def _visible(found: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    return f"{found['writes']:,} writes, until an open dashboard has them:", _latency(found["latency_ms"])


def _beside(found: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    title = f"A worker at {found['events_per_s']:,} events/s beside {found['api']['rate']:g} reads/s:"
    rows = [(f"events, {name}", value) for name, value in _latency(found["events_latency_ms"])]
    rows += [(f"reads, {name}", value) for name, value in _latency(found["api"]["latency_ms"])]
    return title, rows


def _latency(latency_ms: dict[str, float]) -> list[tuple[str, str]]:
    return [(name.replace("p999", "p99.9"), f"{ms:,.2f} ms") for name, ms in latency_ms.items()]
