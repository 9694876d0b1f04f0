"""`payflow drill`: breaks everything on purpose, and proves that the books are right all the same."""

from __future__ import annotations

import re
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Final

import cyclopts
from cyclopts import Parameter
from cyclopts.validators import Number

from payflow.cli.exits import Exit
from payflow.cli.interrupts import terminated_like_interrupted
from payflow.cli.output import AsJson, print_json, print_line

if TYPE_CHECKING:
    from payflow.drill.options import DrillOptions
    from payflow.drill.run import DrillRun

app = cyclopts.App(name="drill")

SEEDS_MAX: Final = 1_000


@app.default
def drill(
    *,
    seeds: Annotated[
        str, Parameter(name=["--seeds", "--seed"], help="A seed, or several: 7, 3,5,8 or 1..20.")
    ] = "1",
    minutes: Annotated[
        float, Parameter(help="How long faults strike.", validator=Number(gte=0.1, lte=1_440))
    ] = 1.0,
    events: Annotated[
        int | None,
        Parameter(help="Send so many deliveries under faults instead.", validator=Number(gte=1, lte=10**8)),
    ] = None,
    rate: Annotated[int, Parameter(help="Deliveries a second.", validator=Number(gte=1, lte=20_000))] = 500,
    workers: Annotated[int, Parameter(help="Workers.", validator=Number(gte=1, lte=16))] = 2,
    every_fault: Annotated[
        bool, Parameter(negative=(), help="All faults of the queue at once and all the time; others in turn.")
    ] = False,
    data_dir: Annotated[
        Path | None, Parameter(help="Where servers and logs go, and stay; one seed only.")
    ] = None,
    plan: Annotated[
        bool, Parameter(negative=(), help="Print what would strike when, and do nothing.")
    ] = False,
    out: Annotated[
        Path | None, Parameter(help="File for what each seed had and found, with the machine.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Run a known workload while faults from a seed strike; prove that nothing is lost or counted twice.

    Servers, queues and workers are this drill's own; nothing that the settings name is touched. SQS
    throttles, hangs, loses replies, repeats and shuffles; PostgreSQL is killed, frozen, cut amid commits,
    filled up; Valkey is killed, frozen, flushed, made read-only; workers are killed, replaced, frozen,
    blocked, and their clocks stepped. Then it gets quiet: the queue must run empty, and every payment must be
    as the model has it.

    The same seed, size, rate and number of workers have the same faults again. A drill that fails keeps its
    data and logs and says where. Exit code 0 when every claim holds for every seed, 1 otherwise.
    """
    from payflow.drill.options import DrillOptions  # noqa: PLC0415

    chosen = seeds_of(seeds)
    if data_dir is not None and len(chosen) > 1:
        raise _usage("--data-dir: takes the drill of one seed; leave it out, failing drills are kept anyway")
    drills = [DrillOptions(seed, minutes, events, rate, workers, every_fault, data_dir) for seed in chosen]
    return _show_plans(drills, as_json=as_json) if plan else _run(drills, out, as_json=as_json)


def seeds_of(text: str) -> list[int]:
    """Read `7`, `3,5,8` or `1..20`.

    Raises:
        SettingsInvalid: it is none of these, or too many.

    """
    span = re.fullmatch(r"(\d+)\.\.(\d+)", text)
    if span is not None:
        seeds = list(range(int(span[1]), min(int(span[2]), int(span[1]) + SEEDS_MAX) + 1))
    elif re.fullmatch(r"\d+(,\d+)*", text):
        seeds = [int(seed) for seed in text.split(",")]
    else:
        raise _usage(f"--seeds: must be a number, several with commas, or a span like 1..20, is {text!r}")
    if not 1 <= len(seeds) <= SEEDS_MAX:
        raise _usage(f"--seeds: must be 1 to {SEEDS_MAX} seeds, is {text!r}")
    return seeds


def _usage(problem: str) -> Exception:
    from payflow.errors import SettingsInvalid  # noqa: PLC0415

    return SettingsInvalid([problem])


def _show_plans(drills: list[DrillOptions], *, as_json: bool) -> int:
    from payflow.cli.drill_view import plan_lines, plan_report  # noqa: PLC0415
    from payflow.drill.run import plan_of  # noqa: PLC0415

    plans = [plan_of(options) for options in drills]
    if as_json:
        print_json([plan_report(plan) for plan in plans])
    else:
        for line in (line for plan in plans for line in plan_lines(plan)):
            print_line(line)
    return Exit.OK


def _run(drills: list[DrillOptions], out: Path | None, *, as_json: bool) -> int:
    from payflow.bench.results import write_result  # noqa: PLC0415
    from payflow.bench.view import View  # noqa: PLC0415
    from payflow.cli.drill_view import drill_lines, drill_report, summary_report, table_lines  # noqa: PLC0415
    from payflow.drill.run import run_drill  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415

    settings, view = load(running=False), View()
    runs: list[DrillRun] = []
    with terminated_like_interrupted():
        for options in drills:
            run = run_drill(settings, options, view)
            runs.append(run)
            view.say(f"Seed {options.seed}: {'passed' if run.passed else f'{len(run.findings)} findings'}")
            if not as_json:
                for line in drill_lines(run):
                    print_line(line)
    if out is not None:
        write_result(out, summary_report(runs))
    if as_json:
        print_json([drill_report(run) for run in runs])
    elif len(runs) > 1:
        for line in table_lines(runs):
            print_line(line)
    return Exit.OK if all(run.passed for run in runs) else Exit.DIFFERENCES
