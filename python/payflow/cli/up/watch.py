"""Watches the running processes until somebody or something ends them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, NamedTuple

from payflow.cancellation import cancel_surely
from payflow.embedded import EmbeddedFailed
from payflow.errors import PayFlowError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from payflow.cli.up.figures import Figures
    from payflow.cli.up.view import View
    from payflow.embedded import EmbeddedServer
    from payflow.embedded.process import ServerProcess
    from payflow.intake.queues import QueueDepths

BACKLOG_INTERVAL_S = 1.0
BACKLOG_DEADLINE_S = 5.0
ALIVE_INTERVAL_S = 0.25
STATUS_LINE_BYTES_MAX = 64 * 1024


class Speaker(NamedTuple):
    """A child that prints status lines, and what takes them."""

    child: subprocess.Popen[bytes]
    take: Callable[[bytes], None]
    awaited: bool = False
    """Whether the run counts as ready only once this one has spoken."""


class Watch:
    """Follows one run: reads status lines, asks for the backlog, draws, and waits for the end.

    Make it inside a running event loop of the main thread; it listens for signals.

    Args:
        figures: where everything is gathered.
        view: what shows it.
        parts: the processes that must stay alive.
        backlogs: asks for the messages in the queue and in the dead-letter queue.

    """

    def __init__(
        self,
        figures: Figures,
        view: View,
        parts: Sequence[ServerProcess | EmbeddedServer],
        backlogs: Callable[[], Awaitable[tuple[QueueDepths, QueueDepths]]],
    ) -> None:
        self._figures = figures
        self._view = view
        self._parts = parts
        self._backlogs = backlogs
        self._spoken = asyncio.Event()
        self._silent: set[int] = set()
        self._over = asyncio.Event()
        self._ended: ServerProcess | EmbeddedServer | None = None

    async def run(
        self,
        speakers: Sequence[Speaker],
        places: dict[str, str],
        *,
        start_timeout_s: float,
        duration_s: float | None,
    ) -> ServerProcess | EmbeddedServer | None:
        """Show everything until a signal or the end of the duration; give the process that ended, if any.

        Raises:
            EmbeddedFailed: when the first status line does not come in time.

        """
        self._silent = {speaker.child.pid for speaker in speakers if speaker.awaited}
        tasks = [asyncio.create_task(self._follow(speaker)) for speaker in speakers]
        tasks.append(asyncio.create_task(self._stay_alive()))
        try:
            with self._signals():
                await self._first_line(start_timeout_s)
                if not self._over.is_set():
                    self._figures.begin()
                    self._view.ready(places)
                    tasks.append(asyncio.create_task(self._ask_backlog()))
                    tasks.append(asyncio.create_task(self._draw()))
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._over.wait(), duration_s)
                    self._view.show(self._figures)
            return self._ended
        finally:
            await cancel_surely(tasks)

    async def _first_line(self, timeout_s: float) -> None:
        try:
            await asyncio.wait_for(self._spoken.wait(), timeout_s)
        except TimeoutError:
            raise EmbeddedFailed(
                f"worker or API said nothing within {timeout_s:g} s",
                "read their logs in the data directory's logs/",
            ) from None

    async def _follow(self, speaker: Speaker) -> None:
        """Take the child's status lines until it ends."""
        reader = asyncio.StreamReader(limit=STATUS_LINE_BYTES_MAX)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), speaker.child.stdout)
        while line := await reader.readline():
            speaker.take(line)
            self._silent.discard(speaker.child.pid)
            if not self._silent:
                self._spoken.set()

    async def _stay_alive(self) -> None:
        """End the watch when a process has ended."""
        while True:
            for part in self._parts:
                if not part.healthy():
                    self._ended = part
                    self._end()
                    return
            await asyncio.sleep(ALIVE_INTERVAL_S)

    async def _ask_backlog(self) -> None:
        """Ask the queue now and then; while it doesn't answer, the backlog is shown as not known."""
        while True:
            try:
                async with asyncio.timeout(BACKLOG_DEADLINE_S):
                    self._figures.backlog, self._figures.dead_letters = await self._backlogs()
            except (PayFlowError, OSError, TimeoutError):
                self._figures.backlog = self._figures.dead_letters = None
            await asyncio.sleep(BACKLOG_INTERVAL_S)

    async def _draw(self) -> None:
        while True:
            await asyncio.sleep(self._view.interval_s)
            self._view.show(self._figures)

    def _end(self) -> None:
        self._over.set()
        self._spoken.set()  # whoever still waits for the start need wait no longer

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Let Ctrl-C and SIGTERM end the watch instead of the process."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
