"""`payflow bench`: measures PayFlow on this machine, on servers of its own."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import cyclopts
from cyclopts import Parameter
from cyclopts.validators import Number

from payflow.cli.bench_api_view import api_lines, api_problems
from payflow.cli.bench_view import latency_lines, outage_lines, pipeline_lines, restart_lines
from payflow.cli.exits import Exit
from payflow.cli.interrupts import terminated_like_interrupted
from payflow.cli.output import AsJson, print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payflow.bench import PipelineOptions, Setup

app = cyclopts.App(name="bench", help="Measure PayFlow on this machine, on servers of its own.")

_Transport: TypeAlias = Literal["native", "aioboto3"]
_Question: TypeAlias = Literal["mixed", "pages", "cached", "visible", "beside"]
_TRANSPORTS: tuple[_Transport, ...] = ("native", "aioboto3")
_Part: TypeAlias = Literal[
    "postgres", "postgres-frozen", "postgres-killed", "valkey", "valkey-frozen", "loop"
]
_Milliseconds = Number(gte=0, lte=1_000)


@Parameter(name="*")
@dataclass(frozen=True)
class _Knobs:
    """What every benchmark can be told."""

    transport: Annotated[_Transport, Parameter(help="What speaks to SQS.")] = "native"
    latency_sqs_ms: Annotated[int, Parameter(help="Added to each SQS call.", validator=_Milliseconds)] = 0
    latency_redis_ms: Annotated[
        float, Parameter(help="Added to each exchange with Valkey.", validator=_Milliseconds)
    ] = 0.0
    latency_postgres_ms: Annotated[
        float, Parameter(help="Added to each exchange with PostgreSQL.", validator=_Milliseconds)
    ] = 0.0
    lanes: Annotated[
        int | None, Parameter(help="Batches side by side; as set without.", validator=Number(gte=1, lte=64))
    ] = None
    batch_size: Annotated[
        int | None,
        Parameter(help="Events that close a batch; as set without.", validator=Number(gte=1, lte=5_000)),
    ] = None
    seed: Annotated[int, Parameter(help="Names the stream of events.")] = 1
    scratch: Annotated[
        Path | None, Parameter(help="Where the throw-away data directory is made: a disk, not tmpfs.")
    ] = None
    out: Annotated[
        Path | None, Parameter(help="File for the figures; benchmarks/results/ of a checkout without.")
    ] = None

    def setup(self) -> Setup:
        """Give them as the benchmarks take them."""
        from payflow.bench import AddedLatency, Setup  # noqa: PLC0415

        return Setup(
            transport=self.transport,
            added=AddedLatency(self.latency_sqs_ms, self.latency_redis_ms, self.latency_postgres_ms),
            lanes=self.lanes,
            batch_size=self.batch_size,
            seed=self.seed,
            scratch=self.scratch,
        )


_DEFAULTS = _Knobs()


@app.command
def pipeline(
    *,
    events: Annotated[
        int, Parameter(help="Deliveries in the queue.", validator=Number(gte=1, lte=10_000_000))
    ] = 300_000,
    compare: Annotated[
        bool, Parameter(negative=(), help="Measure both transports in turn, and print the ratio.")
    ] = False,
    knobs: _Knobs = _DEFAULTS,
    as_json: AsJson = False,
) -> int:
    """Fill a queue, let one worker drain it; measure rate, CPU time of each process, memory and calls.

    The servers are this run's own: PostgreSQL with durable commits, Valkey, the local SQS server. Exit code 1
    says that events were lost. Figures of a busy machine are a floor: "cores used by others" tells.
    """
    from payflow.bench import PipelineOptions  # noqa: PLC0415

    options = PipelineOptions(events, knobs.setup())
    if compare:
        figures, problems = _compared(options)
        name, lines = options.name.replace(f"-{knobs.transport}-", "-compare-", 1), []
        for transport in _TRANSPORTS:
            lines += pipeline_lines(figures[transport])
        lines.append(f"native is {figures['native_over_aioboto3']:g} times as fast as aioboto3")
    else:
        figures, problems = _one_pipeline(options)
        name, lines = options.name, pipeline_lines(figures)
    return _report(name, figures, lines, problems, knobs.out, as_json=as_json)


@app.command
def latency(
    *,
    rate: Annotated[int, Parameter(help="Events per second.", validator=Number(gte=1, lte=100_000))] = 1_000,
    seconds: Annotated[int, Parameter(help="How long is measured.", validator=Number(gte=1, lte=3_600))] = 30,
    warm_up: Annotated[
        int, Parameter(help="Seconds before that at the same rate.", validator=Number(gte=0, lte=600))
    ] = 3,
    knobs: _Knobs = _DEFAULTS,
    as_json: AsJson = False,
) -> int:
    """Send at a steady rate, and measure each event from its intended sending to its commit.

    The schedule decides when an event's time begins: a sender, queue or worker that is late counts in full.
    Exit code 1 says that events were lost.
    """
    from payflow.bench import LatencyOptions  # noqa: PLC0415
    from payflow.bench.latency import run_latency  # noqa: PLC0415
    from payflow.bench.view import View  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    options = LatencyOptions(rate, seconds, warm_up, knobs.setup())
    with terminated_like_interrupted():
        run = run_latency(load(running=False), options, View())
    lines = latency_lines(run.figures)
    return _report(options.name, run.figures, lines, run.problems, knobs.out, as_json=as_json)


@app.command
def outage(
    *,
    part: Annotated[
        _Part,
        Parameter(help="What is away; `loop`: the worker's event loop is blocked."),
    ] = "postgres",
    seconds: Annotated[float, Parameter(help="For how long.", validator=Number(gte=1, lte=3_600))] = 120.0,
    rate: Annotated[
        int, Parameter(help="Deliveries a second all the while.", validator=Number(gte=1, lte=20_000))
    ] = 2_000,
    backlog: Annotated[
        int, Parameter(help="Deliveries that are drained first.", validator=Number(gte=1, lte=10_000_000))
    ] = 100_000,
    knobs: _Knobs = _DEFAULTS,
    as_json: AsJson = False,
) -> int:
    """Take something away under a steady load; measure what it costs and how soon the full rate is back.

    The full rate is that of a backlog which is drained first. Exit code 1 says that something was lost,
    dead-lettered or received twice.
    """
    from payflow.bench import OutageOptions  # noqa: PLC0415
    from payflow.bench.outage import run_outage  # noqa: PLC0415
    from payflow.bench.view import View  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    options = OutageOptions(part, seconds, rate, backlog, knobs.setup())
    with terminated_like_interrupted():
        run = run_outage(load(running=False), options, View())
    lines = outage_lines(run.figures)
    return _report(options.name, run.figures, lines, run.problems, knobs.out, as_json=as_json)


@app.command
def restarts(
    *,
    times: Annotated[int, Parameter(help="How many SIGTERMs.", validator=Number(gte=1, lte=10_000))] = 50,
    workers: Annotated[int, Parameter(help="Workers.", validator=Number(gte=1, lte=16))] = 2,
    rate: Annotated[
        int, Parameter(help="Deliveries a second all the while.", validator=Number(gte=1, lte=20_000))
    ] = 2_000,
    seed: Annotated[int, Parameter(help="Names the moments and the stream of events.")] = 1,
    out: Annotated[
        Path | None, Parameter(help="File for the figures; benchmarks/results/ of a checkout without.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Replace workers by SIGTERM at random moments under load; count what was finished twice or blamed.

    Settings are as in production. Exit code 1 says that an event was lost or applied twice, that a finished
    message came again, that an attempt was counted, or that a worker did not end with 0.
    """
    from payflow.bench.view import View  # noqa: PLC0415
    from payflow.drill.restarts import RestartOptions, run_restarts  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    options = RestartOptions(times, workers, rate, seed)
    with terminated_like_interrupted():
        run = run_restarts(load(running=False), options, View())
    lines = restart_lines(run.figures)
    return _report(options.name, run.figures, lines, run.problems, out, as_json=as_json)


@app.command
def api(
    *,
    payments: Annotated[
        int, Parameter(help="Payments in the database.", validator=Number(gte=10_000, lte=50_000_000))
    ] = 1_000_000,
    ask: Annotated[tuple[_Question, ...], Parameter(help="Which questions; all without.", negative=())] = (),
    rate: Annotated[int, Parameter(help="Reads per second.", validator=Number(gte=2, lte=10_000))] = 200,
    seconds: Annotated[
        int, Parameter(help="How long each is asked.", validator=Number(gte=1, lte=3_600))
    ] = 60,
    data_dir: Annotated[
        Path | None, Parameter(help="Kept for the next run, which then needs no filling; throw-away without.")
    ] = None,
    out: Annotated[
        Path | None, Parameter(help="File for the figures; benchmarks/results/ of a checkout without.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Fill a database, serve the API, and measure reads, pages, the cache, and how soon a write is seen.

    Reads come at their rate whatever the answers do, and a request's time begins when it was due. `beside`
    halves that rate and has a worker apply 1,000 events/s meanwhile. Exit code 1: the API refused requests.
    """
    from payflow.bench.api.run import QUESTIONS, ApiBenchOptions, run_api_bench  # noqa: PLC0415
    from payflow.bench.view import View  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    options = ApiBenchOptions(payments, seconds, ask or QUESTIONS, rate, data_dir=data_dir)
    with terminated_like_interrupted():
        figures = run_api_bench(load(running=False), options, View())
    return _report(options.name, figures, api_lines(figures), api_problems(figures), out, as_json=as_json)


def _one_pipeline(options: PipelineOptions) -> tuple[dict[str, Any], list[str]]:
    """Run once; give the figures and what was lost."""
    from payflow.bench.pipeline import run_pipeline  # noqa: PLC0415
    from payflow.bench.view import View  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    with terminated_like_interrupted():
        run = run_pipeline(load(running=False), options, View())
    return run.figures, [f"{options.setup.transport}: {problem}" for problem in run.proof.problems]


def _compared(options: PipelineOptions) -> tuple[dict[str, Any], list[str]]:
    """Run with each transport in turn; give the figures of both with their ratio."""
    figures, problems = {}, []
    for transport in _TRANSPORTS:
        setup = dataclasses.replace(options.setup, transport=transport)
        figures[transport], lost = _one_pipeline(dataclasses.replace(options, setup=setup))
        problems += lost
    ratio = figures["native"]["events_per_s"] / figures["aioboto3"]["events_per_s"]
    return figures | {"native_over_aioboto3": round(ratio, 2)}, problems


def _report(
    name: str,
    figures: dict[str, Any],
    lines: Iterable[str],
    problems: list[str],
    out: Path | None,
    *,
    as_json: bool,
) -> int:
    """Write the figures, print them, and say what is wrong with the run."""
    from payflow.bench.results import results_path, write_result  # noqa: PLC0415

    path = results_path(name, out)
    write_result(path, figures)
    if as_json:
        print_json(figures)
    else:
        for line in [*lines, f"Figures in {path}"]:
            print_line(line)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return Exit.DIFFERENCES if problems else Exit.OK
