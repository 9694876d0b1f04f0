"""`payflow fleet`: what workers are asked to do while they run, and whether they do it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
from cyclopts import Parameter
from cyclopts.validators import Number

from payflow.cli.books import Actor, Note, acting, now
from payflow.cli.exits import Exit
from payflow.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from payflow.cli.fleet_desk import Desk
    from payflow.fleet import FleetState, Limits, Ordered

app = cyclopts.App(name="fleet", help="Pause, drain and limit workers while they run, and look at them.")

WAIT_MAX_S = 60.0

WorkerName = Annotated[
    str | None,
    Parameter(name="--worker", help="Only this worker: its id, or a part that no other live one has."),
]
Wait = Annotated[bool, Parameter(negative=(), help="Wait until all live workers do it.")]
Timeout = Annotated[float, Parameter(help="Longest wait, in seconds.", validator=Number(gt=0, lte=3_600))]


@app.command
def status(*, as_json: AsJson = False) -> int:
    """Show what is ordered, and every worker of the last day with what it does.

    Exit code 1 says that no worker is live, or that a live one does not obey the newest order yet.
    """
    from payflow.cli.fleet_desk import open_desk  # noqa: PLC0415
    from payflow.cli.fleet_view import (  # noqa: PLC0415
        announced_document,
        fleet_document,
        print_announced,
        print_fleet,
    )

    async def read() -> Any:
        async with open_desk(needs_database=False) as desk:
            if desk.connection is None:
                return desk.trouble, await desk.announced()
            return None, await desk.fleet()

    trouble, found = asyncio.run(read())
    if trouble is not None:
        if as_json:
            print_json(announced_document(trouble, found))
        else:
            print_announced(trouble, found, now())
        return Exit.UNREACHABLE
    if as_json:
        print_json(fleet_document(found))
    else:
        print_fleet(found, now())
    obeyed = [worker.revision >= found.revision for worker in found.live]
    return Exit.OK if obeyed and all(obeyed) else Exit.DIFFERENCES


@app.command
def pause(
    *,
    worker: WorkerName = None,
    note: Note = "",
    actor: Actor = None,
    wait: Wait = False,
    timeout: Timeout = WAIT_MAX_S,
    as_json: AsJson = False,
) -> int:
    """Receive nothing more; what is in hand is finished. Exit code 1: --wait took too long."""
    from payflow.fleet import FleetState  # noqa: PLC0415

    return _order(FleetState.PAUSED, worker, note, actor, wait, timeout, as_json)


@app.command
def resume(
    *,
    worker: WorkerName = None,
    note: Note = "",
    actor: Actor = None,
    wait: Wait = False,
    timeout: Timeout = WAIT_MAX_S,
    as_json: AsJson = False,
) -> int:
    """Take a pause or a drain back. Exit code 1: --wait took too long.

    A worker that was paused by name stays so until it is resumed by name.
    """
    from payflow.fleet import FleetState  # noqa: PLC0415

    return _order(FleetState.RUNNING, worker, note, actor, wait, timeout, as_json)


@app.command
def drain(
    *,
    worker: WorkerName = None,
    exit_: Annotated[
        bool, Parameter(name="--exit", negative=(), help="Drained workers end, with exit code 0.")
    ] = False,
    note: Note = "",
    actor: Actor = None,
    wait: Wait = False,
    timeout: Timeout = WAIT_MAX_S,
    as_json: AsJson = False,
) -> int:
    """Receive nothing more, and finish or give back what is in hand. Exit code 1: --wait took too long.

    Drained workers stay, with empty hands, until they are resumed. With --exit they end; workers that are
    started later stay, and receive nothing until the fleet is resumed.
    """
    from payflow.fleet import FleetState  # noqa: PLC0415

    return _order(FleetState.DRAINING, worker, note, actor, wait, timeout, as_json, exits=exit_)


@app.command
def limit(
    *,
    rate: Annotated[
        str | None, Parameter(help="Deliveries a second that all workers together receive, or none.")
    ] = None,
    merchant: Annotated[
        list[str] | None,
        Parameter(help="Events a second of one merchant, as ID=RATE or ID=none; may be given again."),
    ] = None,
    batch_size: Annotated[str | None, Parameter(help="Events that close a batch, or none.")] = None,
    concurrency: Annotated[
        str | None, Parameter(help="Lanes of each worker that process at once, or none.")
    ] = None,
    clear: Annotated[bool, Parameter(negative=(), help="Lift all limits that are not named here.")] = False,
    note: Note = "",
    actor: Actor = None,
    wait: Wait = False,
    timeout: Timeout = WAIT_MAX_S,
    as_json: AsJson = False,
) -> int:
    """Change the limits of the fleet; those that are not named stay. Exit code 1: --wait took too long.

    Rates are written 200, 200/s or 0.5/s; `none` lifts a limit.
    """
    from payflow.cli.fleet_limits import changed  # noqa: PLC0415
    from payflow.fleet import change_limits  # noqa: PLC0415

    if not clear and rate is batch_size is concurrency is None and not merchant:
        return _refuse("no limit is named: see `payflow fleet limit --help`, or `payflow fleet status`")

    def change(before: Limits) -> Limits:
        return changed(
            before,
            rate=rate,
            merchants=merchant or (),
            batch_size=batch_size,
            concurrency=concurrency,
            clear=clear,
        )

    async def act(desk: Desk, _worker_id: str | None) -> Ordered:
        return await change_limits(
            desk.known, desk.channel, change, actor=acting(actor), now=now(), note=note
        )

    return _act(act, None, None, wait, timeout, as_json)


def _order(
    state: FleetState,
    worker: str | None,
    note: str,
    actor: str | None,
    wait: bool,
    timeout_s: float,
    as_json: bool,
    *,
    exits: bool = False,
) -> int:
    from payflow.fleet import order  # noqa: PLC0415

    async def act(desk: Desk, worker_id: str | None) -> Ordered:
        return await order(
            desk.known,
            desk.channel,
            state,
            actor=acting(actor),
            now=now(),
            worker_id=worker_id,
            exits=exits,
            note=note,
        )

    return _act(act, state, worker, wait, timeout_s, as_json)


def _act(
    act: Callable[[Desk, str | None], Awaitable[Ordered]],
    state: FleetState | None,
    worker: str | None,
    wait: bool,
    timeout_s: float,
    as_json: bool,
) -> int:
    """Give an order, wait for it if that is wanted, and tell what came of it."""
    from payflow.cli.fleet_desk import open_desk  # noqa: PLC0415
    from payflow.cli.fleet_view import order_document, print_order, progress_line  # noqa: PLC0415
    from payflow.cli.fleet_waiting import until_obeyed  # noqa: PLC0415
    from payflow.fleet import OrderRefused  # noqa: PLC0415

    async def run() -> Any:
        async with open_desk() as desk:
            meant = None if worker is None else await desk.worker_named(worker)
            ordered = await act(desk, meant)
            with progress_line(quiet=as_json or not wait) as tell:
                awaited = await until_obeyed(
                    desk.fleet, ordered.revision, state, meant, timeout_s if wait else 0.0, tell
                )
            return ordered, meant, await desk.fleet(), awaited

    try:
        ordered, meant, fleet, awaited = asyncio.run(run())
    except OrderRefused as error:
        return _refuse(f"{error}\nNext: `payflow fleet status`")
    if as_json:
        print_json(order_document(ordered, awaited))
    else:
        print_order(ordered, state, meant, fleet, awaited, waited=wait)
    return Exit.DIFFERENCES if wait and awaited.late else Exit.OK


def _refuse(text: str) -> Exit:
    sys.stderr.write(f"{text}\n")
    return Exit.USAGE
