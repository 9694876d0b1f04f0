"""The figures of `payflow bench` for people: one line each."""

from __future__ import annotations

from typing import Any

_NAME_WIDTH = 34
_PARTS = {"worker": "worker", "postgres": "PostgreSQL", "valkey": "Valkey", "queue": "SQS server"}


def pipeline_lines(figures: dict[str, Any]) -> list[str]:
    """Give the lines for one drained queue."""
    run, machine, proof = figures["run"], figures["machine"], figures["run"]["proof"]
    rows = [("rate", f"{figures['events_per_s']:,.0f} events/s")]
    rows += [
        (f"CPU an event, {name}", f"{figures[f'{part}_cpu_us_per_event']:.1f} µs")
        for part, name in _PARTS.items()
    ]
    if run["delays_cpu_us_per_event"]:
        rows.append(("CPU an event, delaying proxies", f"{run['delays_cpu_us_per_event']:.1f} µs"))
    rows += [
        (f"lag from sent to committed, {name}", f"{ms:,.0f} ms") for name, ms in figures["lag_ms"].items()
    ]
    rows += [
        ("peak memory of the worker", f"{figures['peak_rss_mib']:.0f} MiB"),
        ("SQS calls for 1,000 events", f"{figures['api_calls_per_1000_events']:.0f}"),
        ("events in a batch, mean", f"{run['batch_mean']:.0f}"),
        ("cores used by others", f"{machine['cores_used_by_others']:.2f} of {machine['cores']}"),
    ]
    lines = [
        f"{run['events']:,} events, {run['transport']} transport, {run['lanes']} lanes:",
        *aligned(rows),
    ]
    if proof["every_event_decided"]:
        lines.append(
            f"Every event was decided: the queue is empty, the trail has {proof['trail_deliveries']:,} "
            f"deliveries of {proof['trail_events']:,} events"
        )
    return lines


def latency_lines(figures: dict[str, Any]) -> list[str]:
    """Give the lines for one steady rate."""
    run = figures["run"]
    rows = [(name.replace("p999", "p99.9"), f"{ms:,.2f} ms") for name, ms in figures["latency_ms"].items()]
    return [
        (
            f"{run['measured']:,} events at {run['rate']:,}/s, {run['transport']} transport, "
            "from intended sending to commit:"
        ),
        *aligned(rows),
        f"The sender was at most {run['sent_late_ms_max']:,.2f} ms late; that is in the figures",
    ]


def outage_lines(figures: dict[str, Any]) -> list[str]:
    """Give the lines for one outage."""
    run, back_s = figures["run"], figures["back_at_full_rate_s"]
    rows = [
        ("full rate before", f"{figures['full_rate_events_per_s']:,.0f} events/s"),
        ("nine tenths of it after", "never" if back_s is None else f"{back_s:g} s"),
        ("backlog made up for after", f"{figures['caught_up_s']:g} s"),
        ("dead letters", f"{figures['dead_letters']:,}"),
        ("messages received again", f"{figures['received_again']:,}"),
    ]
    return [
        f"{run['part']} away for {run['seconds']:g} s at {run['rate']:,} events/s, {run['sent']:,} sent:",
        *aligned(rows),
    ]


def restart_lines(figures: dict[str, Any]) -> list[str]:
    """Give the lines for a run of restarts."""
    run = figures["run"]
    rows = [
        ("events lost", f"{figures['events_lost']:,}"),
        ("events applied twice", f"{figures['applied_twice']:,}"),
        ("finished messages that came again", f"{figures['finished_again']:,}"),
        ("attempts counted", f"{figures['attempts']:,}"),
        ("dead letters", f"{figures['dead_letters']:,}"),
        ("given back, and received again", f"{figures['given_back']:,}"),
        ("time from SIGTERM to the end, p50", f"{figures['stop_s']['p50']:g} s"),
        ("time from SIGTERM to the end, max", f"{figures['stop_s']['max']:g} s"),
    ]
    return [
        f"{run['times']} SIGTERMs among {run['workers']} workers, {run['sent']:,} events:",
        *aligned(rows),
    ]


def aligned(rows: list[tuple[str, str]]) -> list[str]:
    """Give names and values in two columns."""
    width = max(len(value) for _, value in rows)
    return [f"  {name:<{_NAME_WIDTH}}{value:>{width}}" for name, value in rows]
