"""The tables and the plot of the API's figures, from what `payflow bench api` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.svg import Bar, bars

if TYPE_CHECKING:
    from collections.abc import Mapping

Rows = list[tuple[str, ...]]


def asked(questions: Mapping[str, Any]) -> Rows:
    """Give the figures that were asked for, beside what was asked."""
    mixed, pages, cached = (questions[name] for name in ("mixed", "pages", "cached"))
    beside, seen = questions["beside"], questions["visible"]
    return [
        (f"mixed reads at {mixed['rate']:g}/s, p95 and p99", "under 10 and 20 ms", _tail(mixed)),
        ("their errors", "none", f"{mixed['errors']} of {mixed['requests']:,}"),
        ("any filter, first and 500th page, worst p99", "under 30 ms", f"{pages['p99_ms_max']:.1f} ms"),
        ("500th page against the first, worst ratio of medians", "under 1.5", f"{pages['ratio_max']:.2f}"),
        ("one list from the cache, one process", "3,000/s", f"{cached['requests_per_s']:,.0f}/s"),
        ("a write on an open dashboard, p95", "under 500 ms", f"{seen['latency_ms']['p95']:.0f} ms"),
        (
            f"{beside['events_per_s']:,} events/s beside {beside['api']['rate']:g} reads/s: p50 and p99",
            "under 15 and 60 ms",
            f"{beside['events_latency_ms']['p50']:.1f} and {beside['events_latency_ms']['p99']:.1f} ms",
        ),
        ("the same: reads, p95 and p99", "under 10 and 20 ms", _tail(beside["api"])),
    ]


def filters(questions: Mapping[str, Any]) -> Rows:
    """Give the first and the last page of each filter."""
    return [
        (
            name,
            f"{row['first_ms']['p50']:.1f}",
            f"{row['first_ms']['p99']:.1f}",
            str(row["page"]),
            f"{row['last_ms']['p50']:.1f}",
            f"{row['last_ms']['p99']:.1f}",
        )
        for name, row in questions["pages"]["filters"].items()
    ]


def plot(questions: Mapping[str, Any]) -> str:
    """Draw the tail of each kind of read, alone and beside a worker."""
    alone, beside = questions["mixed"]["by_request"], questions["beside"]["api"]["by_request"]
    return bars(
        "p95 of each read: alone at 200/s, and at 100/s beside a worker at 1,000 events/s",
        "ms",
        [
            Bar(f"{name} {said}", {"p95": figures[name]["p95"]})
            for name in sorted(alone)
            for said, figures in (("alone", alone), ("beside", beside))
        ],
        bar_at=10,
        bar_says="asked of all together: 10 ms",
    )


def _tail(figures: Mapping[str, Any]) -> str:
    return f"{figures['latency_ms']['p95']:.1f} and {figures['latency_ms']['p99']:.1f} ms"
