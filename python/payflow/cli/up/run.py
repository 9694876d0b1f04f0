"""One run of `payflow up`: servers, queues, schema, worker, feeder; and back in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
from typing import TYPE_CHECKING

from payflow.cli.aws import allow_local_queue
from payflow.cli.exits import Exit, PartEnded
from payflow.cli.up.accounts import api_variables, ensure_admin
from payflow.cli.up.backlogs import Backlogs, ensure_queues
from payflow.cli.up.figures import Figures
from payflow.cli.up.view import view_for_output
from payflow.cli.up.watch import Speaker, Watch
from payflow.embedded import DataDirectory, Stack
from payflow.embedded.machine import Machine, command
from payflow.settings import load
from payflow.settings.running import remove_running, write_running

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import FrameType
    from typing import TypeAlias

    from payflow.cli.up.view import View
    from payflow.embedded import EmbeddedServer
    from payflow.embedded.process import ServerProcess
    from payflow.settings import Settings

    Speaking: TypeAlias = tuple[ServerProcess, subprocess.Popen[bytes]]


def run(*, rate: int | None, data_dir: Path | None, duration_s: float | None) -> int:
    """Run everything until Ctrl-C, SIGTERM or the end of the duration.

    Args:
        rate: events per second of the demo stream; none without.
        data_dir: where the servers keep their data, when the settings' own place is not wanted.
        duration_s: when to stop by itself.

    Raises:
        PayFlowError: when something can't be started; whatever had started is stopped.

    """
    settings = load(running=False)
    if data_dir is not None:
        settings = dataclasses.replace(settings, data=dataclasses.replace(settings.data, dir=data_dir))
    view = view_for_output()
    with contextlib.ExitStack() as held:
        held.enter_context(_terminated_like_interrupted())
        directory = held.enter_context(DataDirectory(settings.data.dir))
        machine = Machine(settings, directory)
        view.say(f"Data in {directory.path}")
        stack = Stack(machine.servers, starting=lambda server: view.say(f"Starting {server.name}"))
        held.enter_context(stack)
        settings = machine.settings()
        allow_local_queue(settings)
        _prepare(settings, view)
        ensure_admin(settings, directory, view)
        variables = machine.variables() | api_variables(settings, directory)
        held.callback(remove_running, directory.path)
        write_running(directory.path, variables)
        view.say("Starting the worker and the API")
        speaking = _start_processes(held, machine, variables, rate)
        held.callback(
            view.say, "Stopping: what is in hand is finished first; Ctrl-C again doesn't wait for it"
        )
        held.callback(view.close)
        # The last one here is the first to run: from then on a signal no longer unwinds, it hurries.
        held.callback(_hurry_at_next_signal, [process for process, _ in speaking])
        ended = asyncio.run(_watch(machine, stack, speaking, view, duration_s))
    if ended is not None:
        raise PartEnded(ended.name, ended.last_lines(), directory.logs)
    view.say("Stopped")
    return Exit.OK


def _start_processes(
    held: contextlib.ExitStack, machine: Machine, variables: dict[str, str], rate: int | None
) -> list[Speaking]:
    """Start worker and API, and the feeder if there is a rate; leaving stops them, the feeder first."""
    wanted: list[tuple[ServerProcess, tuple[str, ...]]] = [
        (machine.worker(), ("worker", "--status", "json")),
        (machine.api(), ("api",)),
    ]
    if rate is not None:
        wanted.append((machine.feeder(), ("demo", "--rate", str(rate))))
    speaking = []
    for process, arguments in wanted:
        held.callback(process.stop)
        environment = {**os.environ, **variables}
        speaking.append((process, process.spawn(command(*arguments), pipe=True, environment=environment)))
    return speaking


def _prepare(settings: Settings, view: View) -> None:
    """Make the queues and the schema, or bring them up to date."""
    # Alembic takes a second to import: by now there has been something to see.
    from payflow.ledger.migrations import upgrade  # noqa: PLC0415

    asyncio.run(ensure_queues(settings))
    postgres = settings.postgres
    applied = upgrade(postgres.required_dsn, connect_timeout_s=postgres.connect_timeout_s)
    if applied:
        view.say(f"Schema: applied {', '.join(applied)}")


async def _watch(
    machine: Machine, stack: Stack, speaking: Sequence[Speaking], view: View, duration_s: float | None
) -> ServerProcess | EmbeddedServer | None:
    """Show what goes on until the end; give the process that ended by itself, if one did."""
    settings = machine.settings()
    figures, places = Figures(), machine.places()

    def take_api(line: bytes) -> None:
        word, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
        if word == "ready":
            places["console"] = rest
        elif word == "mail":
            view.say(rest)

    async with Backlogs(settings) as backlogs:
        watch = Watch(figures, view, [*stack.servers, *(process for process, _ in speaking)], backlogs.ask)
        takes = (figures.take_worker, take_api, figures.take_feeder)
        speakers = [Speaker(child, take) for (_, child), take in zip(speaking, takes, strict=False)]
        return await watch.run(
            [*(speaker._replace(awaited=True) for speaker in speakers[:2]), *speakers[2:]],
            places,
            start_timeout_s=settings.embedded.start_timeout_s,
            duration_s=duration_s,
        )


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM unwind this process as Ctrl-C does, so that what was started is stopped."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hurry_at_next_signal(processes: Sequence[ServerProcess]) -> None:
    """Kill worker and feeder at the next signal: what was in hand comes again, nothing applies twice."""

    def hurry(_number: int, _frame: FrameType | None) -> None:
        for process in processes:
            process.kill()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hurry)
