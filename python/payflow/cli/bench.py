"""`payflow bench`: measures PayFlow on this machine, on servers of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import cyclopts
from cyclopts import Parameter
from cyclopts.validators import Number

from payflow.cli.exits import Exit
from payflow.cli.output import AsJson, print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Iterator

app = cyclopts.App(name="bench", help="Measure PayFlow on this machine, on servers of its own.")

_Added = Annotated[float, Parameter(validator=Number(gte=0, lte=1_000))]
_AddedSqs = Annotated[int, Parameter(help="Added to each SQS call.", validator=Number(gte=0, lte=1_000))]
_Transport = Annotated[Literal["native", "aioboto3"], Parameter(help="What speaks to SQS.")]
_Lanes = Annotated[
    int | None, Parameter(help="Batches side by side; as set without.", validator=Number(gte=1, lte=64))
]
_BatchSize = Annotated[
    int | None,
    Parameter(help="Events that close a batch; as set without.", validator=Number(gte=1, lte=5_000)),
]
_Seed = Annotated[int, Parameter(help="Names the stream of events.")]
_Scratch = Annotated[
    Path | None, Parameter(help="Where the throw-away data directory is made: a real disk, not tmpfs.")
]
_Out = Annotated[
    Path | None, Parameter(help="File for the figures; benchmarks/results/ of a checkout without.")
]


@app.command
def pipeline(
    *,
    events: Annotated[
        int, Parameter(help="Deliveries in the queue.", validator=Number(gte=1, lte=10_000_000))
    ] = 300_000,
    transport: _Transport = "native",
    compare: Annotated[
        bool, Parameter(negative=(), help="Measure both transports in turn, and print the ratio.")
    ] = False,
    latency_sqs_ms: _AddedSqs = 0,
    latency_redis_ms: Annotated[_Added, Parameter(help="Added to each exchange with Valkey.")] = 0.0,
    latency_postgres_ms: Annotated[_Added, Parameter(help="Added to each exchange with PostgreSQL.")] = 0.0,
    lanes: _Lanes = None,
    batch_size: _BatchSize = None,
    seed: _Seed = 1,
    scratch: _Scratch = None,
    out: _Out = None,
    as_json: AsJson = False,
) -> int:
    """Fill a queue, let one worker drain it, and measure rate, CPU time of each process, memory and calls.

    The servers are this run's own: embedded PostgreSQL with durable commits, Valkey, the local SQS server. Exit
    code 1 says that events were lost. Figures of a busy machine are a floor; "cores used by others" tells.
    """
    from payflow.bench import AddedLatency, PipelineOptions  # noqa: PLC0415

    options = PipelineOptions(
        events=events,
        transport=transport,
        added=AddedLatency(latency_sqs_ms, latency_redis_ms, latency_postgres_ms),
        seed=seed,
        lanes=lanes,
        batch_size=batch_size,
        scratch=scratch,
    )
    from payflow.bench.pipeline import run_pipeline  # noqa: PLC0415
    from payflow.bench.results import results_path, write_result  # noqa: PLC0415
    from payflow.bench.view import View  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    settings, view = load(running=False), View()
    chosen = [dataclasses.replace(options, transport=name) for name in ("native", "aioboto3")]
    runs = {}
    with _terminated_like_interrupted():
        for one in chosen if compare else [options]:
            runs[one.transport] = run_pipeline(settings, one, view)
    figures: dict[str, Any] = {name: run.figures for name, run in runs.items()}
    if compare:
        ratio = figures["native"]["events_per_s"] / figures["aioboto3"]["events_per_s"]
        figures["native_over_aioboto3"] = round(ratio, 2)
        name = options.name.replace(f"-{transport}-", "-compare-", 1)
    else:
        figures, name = figures[transport], options.name
    path = results_path(name, out)
    write_result(path, figures)
    if as_json:
        print_json(figures)
    else:
        for run in runs.values():
            _print_pipeline(run.figures)
        if compare:
            print_line(f"native is {figures['native_over_aioboto3']:g} times as fast as aioboto3")
        print_line(f"Figures in {path}")
    problems = [f"{name}: {problem}" for name, run in runs.items() for problem in run.proof.problems]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return Exit.DIFFERENCES if problems else Exit.OK


@app.command
def latency(
    *,
    rate: Annotated[int, Parameter(help="Events per second.", validator=Number(gte=1, lte=100_000))] = 1_000,
    seconds: Annotated[int, Parameter(help="How long is measured.", validator=Number(gte=1, lte=3_600))] = 30,
    warm_up: Annotated[
        int, Parameter(help="Seconds before that at the same rate.", validator=Number(gte=0, lte=600))
    ] = 3,
    transport: _Transport = "native",
    latency_sqs_ms: _AddedSqs = 0,
    latency_redis_ms: Annotated[_Added, Parameter(help="Added to each exchange with Valkey.")] = 0.0,
    latency_postgres_ms: Annotated[_Added, Parameter(help="Added to each exchange with PostgreSQL.")] = 0.0,
    lanes: _Lanes = None,
    batch_size: _BatchSize = None,
    seed: _Seed = 1,
    scratch: _Scratch = None,
    out: _Out = None,
    as_json: AsJson = False,
) -> int:
    """Send at a steady rate, and measure each event from its intended sending to its commit.

    The schedule decides when an event's time begins: a sender, queue or worker that is late counts in full. Exit
    code 1 says that events were lost.
    """
    from payflow.bench import AddedLatency, LatencyOptions  # noqa: PLC0415
    from payflow.bench.latency import run_latency  # noqa: PLC0415
    from payflow.bench.results import results_path, write_result  # noqa: PLC0415
    from payflow.bench.view import View  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    options = LatencyOptions(
        rate=rate,
        seconds=seconds,
        warm_up_s=warm_up,
        transport=transport,
        added=AddedLatency(latency_sqs_ms, latency_redis_ms, latency_postgres_ms),
        seed=seed,
        lanes=lanes,
        batch_size=batch_size,
        scratch=scratch,
    )
    with _terminated_like_interrupted():
        run = run_latency(load(running=False), options, View())
    path = results_path(options.name, out)
    write_result(path, run.figures)
    if as_json:
        print_json(run.figures)
    else:
        _print_latency(run.figures)
        print_line(f"Figures in {path}")
    for problem in run.problems:
        sys.stderr.write(f"{problem}\n")
    return Exit.DIFFERENCES if run.problems else Exit.OK


def _print_pipeline(figures: dict[str, Any]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    run, machine, lag_ms = figures["run"], figures["machine"], figures["lag_ms"]
    table = Table(
        "figure", "value", title=f"{run['events']:,} events, {run['transport']}", title_justify="left"
    )
    table.columns[1].justify = "right"
    table.add_row("events/s", f"{figures['events_per_s']:,.0f}", style="bold")
    for part in ("worker", "postgres", "valkey", "queue"):
        table.add_row(f"{part} CPU an event", f"{figures[f'{part}_cpu_us_per_event']:.1f} µs")
    if run["delays_cpu_us_per_event"]:
        table.add_row("delay proxies' CPU an event", f"{run['delays_cpu_us_per_event']:.1f} µs")
    for name, value in lag_ms.items():
        table.add_row(f"lag {name}, sent to committed", f"{value:,.0f} ms")
    table.add_row("worker's peak memory", f"{figures['peak_rss_mib']:.0f} MiB")
    table.add_row("SQS calls a thousand events", f"{figures['api_calls_per_1000_events']:.0f}")
    table.add_row("events a batch", f"{run['batch_mean']:.0f}")
    table.add_row("cores used by others", f"{machine['cores_used_by_others']:.2f} of {machine['cores']}")
    Console().print(table)
    proof = run["proof"]
    if proof["every_event_decided"]:
        print_line(
            f"Every event was decided: the queue is empty, the trail has {proof['trail_deliveries']:,} deliveries "
            f"of {proof['trail_events']:,} events"
        )


def _print_latency(figures: dict[str, Any]) -> None:
    run = figures["run"]
    print_line(
        f"{run['measured']:,} events at {run['rate']:,}/s, {run['transport']}, from intended sending to commit:"
    )
    for name, value in figures["latency_ms"].items():
        print_line(f"  {name:<5}{value:>10,.2f} ms")
    print_line(f"The sender was at most {run['sent_late_ms_max']:,.2f} ms late; that is in the figures")


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM unwind this process as Ctrl-C does, so that servers end and the data directory goes."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
