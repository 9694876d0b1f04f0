"""How the fleet looks: tables on a terminal, the same as plain text when piped."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import msgspec
from rich.text import Text

from payflow.cli.dlq_view import console_for_output, print_table, table_of, time_text
from payflow.cli.fleet_limits import rate_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from payflow.cli.fleet_waiting import Awaited
    from payflow.fleet import Fleet, FleetState, Limits, Ordered, Worker

MERCHANTS_SHOWN_MAX = 8

_STYLES = {
    "running": "green",
    "pausing": "yellow",
    "paused": "yellow",
    "draining": "yellow",
    "drained": "cyan",
    "starting": "dim",
    "stopping": "dim",
    "stopped": "dim",
    "dead": "bold red",
}
_NUMBERS = frozenset({"in hand", "decided/s", "lanes", "batch", "polls", "obeys"})


def print_fleet(fleet: Fleet, now: datetime) -> None:
    """Print what is ordered, and the workers."""
    console = console_for_output()
    ordered = f"{fleet.state}, drained workers end" if fleet.exits else str(fleet.state)
    console.print(
        Text.assemble(
            ("Fleet ", "bold"),
            (ordered, _STYLES[fleet.state]),
            f"   revision {fleet.revision}",
            f"   by {fleet.changed_by} at {time_text(fleet.changed_at)}" if fleet.revision else "",
            f"   {fleet.note}" if fleet.note else "",
        )
    )
    console.print(Text.assemble(("Limits ", "bold"), limits_text(fleet.limits)))
    _print_workers(fleet.workers, fleet.revision, now)
    live = len(fleet.live)
    console.print(f"{live} live, {len(fleet.workers) - live} dead or stopped within a day")
    if not live:
        console.print("Next: start one with `payflow worker`")


def print_announced(trouble: str, workers: Sequence[Worker], now: datetime) -> None:
    """Print what Redis knows of the workers, while the database does not say what is ordered."""
    console = console_for_output()
    console.print(
        Text(f"{trouble}\nOrders can't be read or given; the workers, as Redis has them:", "yellow")
    )
    _print_workers(workers, 0, now)


def fleet_document(fleet: Fleet) -> Any:
    """Give the fleet for programs."""
    return msgspec.to_builtins(fleet)


def announced_document(trouble: str, workers: Sequence[Worker]) -> dict[str, Any]:
    """Give what Redis knows for programs."""
    return {"database": trouble, "workers": msgspec.to_builtins(workers)}


def order_document(ordered: Ordered, awaited: Awaited) -> dict[str, Any]:
    """Give what came of an order for programs."""
    return {
        "revision": ordered.revision,
        "told": ordered.told,
        "limits": msgspec.to_builtins(ordered.limits),
        "obeyed": [worker.worker_id for worker in awaited.obeyed],
        "late": [worker.worker_id for worker in awaited.late],
    }


def print_order(
    ordered: Ordered,
    state: FleetState | None,
    worker: str | None,
    fleet: Fleet,
    awaited: Awaited,
    *,
    waited: bool,
) -> None:
    """Print what came of an order."""
    console = console_for_output()
    who = "The fleet" if worker is None else f"Worker {worker}"
    if state is None:
        console.print(Text(f"Revision {ordered.revision}: limits {limits_text(fleet.limits)}"))
    else:
        console.print(Text(f"Revision {ordered.revision}: {who} is asked {_asked(state)}"))
    if not ordered.told:
        console.print(
            Text("Redis did not pass it on: workers find it when they next look into the database", "yellow")
        )
    if waited:
        console.print(Text(f"{len(awaited.obeyed)} do it"))
        for late in awaited.late:
            console.print(Text(f"not yet: {_late(late)}", "yellow"))
        if awaited.late:
            console.print("Next: `payflow fleet status`; give a longer --timeout to wait longer")
    if worker is None and state is not None:
        _print_named(console, fleet)


def limits_text(limits: Limits) -> str:
    """Write limits in one line."""
    parts = []
    if limits.rate_per_s is not None:
        parts.append(f"rate {rate_text(limits.rate_per_s)}")
    if limits.concurrency_max is not None:
        parts.append(f"{limits.concurrency_max} lanes at once")
    if limits.batch_size_max is not None:
        parts.append(f"batches of {limits.batch_size_max}")
    merchants = sorted(limits.merchants.items())
    parts += [f"{merchant} {rate_text(rate)}" for merchant, rate in merchants[:MERCHANTS_SHOWN_MAX]]
    if len(merchants) > MERCHANTS_SHOWN_MAX:
        parts.append(f"{len(merchants) - MERCHANTS_SHOWN_MAX} more merchants")
    return ", ".join(parts) or "none"


@contextlib.contextmanager
def progress_line(*, quiet: bool) -> Iterator[Callable[[Awaited], None]]:
    """Say on standard error how far it is: a line in its place on a terminal, else a line for each change."""
    said = ""

    def tell(awaited: Awaited) -> None:
        nonlocal said
        total = len(awaited.obeyed) + len(awaited.late)
        waiting = "; ".join(_late(worker) for worker in awaited.late)
        text = f"{len(awaited.obeyed)} of {total} do it" + (f"; waiting for {waiting}" if waiting else "")
        if quiet or text == said:
            return
        said = text
        sys.stderr.write(f"\r\x1b[K{text}" if sys.stderr.isatty() else f"{text}\n")
        sys.stderr.flush()

    yield tell
    if said and sys.stderr.isatty():
        sys.stderr.write("\n")


def _print_workers(workers: Sequence[Worker], revision: int, now: datetime) -> None:
    table = table_of(
        *("worker", "state", "why", "seen", "decided/s", "in hand", "lanes", "batch", "polls", "obeys"),
        *("breakers", "version"),
    )
    for column in table.columns:
        if column.header in _NUMBERS:
            column.justify = "right"
    for worker in workers:
        table.add_row(
            Text(worker.worker_id, "" if worker.alive else "dim"),
            Text(worker.state, _STYLES.get(worker.state, "")),
            _why(worker),
            _ago((now - worker.seen_at).total_seconds()),
            f"{worker.rate_per_s:,.1f}" if worker.alive else "",
            f"{worker.in_hand:,}" + (f" ({worker.held:,} held)" if worker.held else ""),
            f"{worker.concurrency_max} of {worker.lanes}",
            str(worker.batch_size_max),
            str(worker.polls_active),
            Text(str(worker.revision), "yellow" if worker.alive and worker.revision < revision else ""),
            _breakers(worker),
            worker.version,
        )
    print_table(table, console_for_output())


def _print_named(console: Any, fleet: Fleet) -> None:
    """Tell of workers that have an order of their own, which the fleet's doesn't touch."""
    for worker in fleet.live:
        if worker.ordered is not None:
            console.print(
                Text(
                    f"{worker.worker_id} is asked by name to be {worker.ordered}; "
                    f"`payflow fleet resume --worker {worker.worker_id}` takes that back",
                    "yellow",
                )
            )


def _asked(state: FleetState) -> str:
    return {"running": "to run", "paused": "to pause", "draining": "to drain"}[state]


def _late(worker: Worker) -> str:
    return f"{worker.worker_id} ({worker.state}, revision {worker.revision}, {worker.in_hand:,} in hand)"


def _why(worker: Worker) -> str:
    """Say who keeps a worker from receiving, and whether it was ordered by name."""
    reasons = list(worker.paused_for) if worker.alive else []
    return ", ".join(reasons + (["by name"] if worker.ordered is not None else []))


def _breakers(worker: Worker) -> Text:
    away = [
        f"{name} {told.state}: {told.reason}"
        for name, told in worker.breakers.items()
        if told.state != "closed"
    ]
    return Text("; ".join(away), "red") if away else Text("closed", "dim")


def _ago(seconds: float) -> str:
    """Write how long ago something was, in its largest unit."""
    for unit, unit_s in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * unit_s:
            return f"{seconds // unit_s:.0f}{unit} ago"
    return f"{max(0.0, seconds):.0f}s ago"
