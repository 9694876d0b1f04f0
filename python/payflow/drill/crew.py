"""The workers of a drill: broken as the plan has it, and replaced as an orchestrator does."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

from payflow.drill.failure import DrillFailed
from payflow.embedded.process import Limits, ServerProcess
from payflow.faults.disturbed_worker import UNREACHABLE, Orders, give_orders

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence

    from payflow.embedded import DataDirectory

_RESTART_PAUSE_S: Final = 1.0
"""Between an end that nobody wanted, since a server was away at the start, and the next try."""
_END_TIMEOUT_S: Final = 60.0
"""A worker that was asked to end and is still there then is a finding. Its own time is 8 s; it may have been
frozen meanwhile."""
_CLEAN: Final = (0, 1)
"""What a worker that was asked may end with: all decided or given back, or something left to its timeout."""


class Member:
    """One place in the crew; workers come and go in it.

    Args:
        number: from 0.
        directory: where its log is.
        environment: all variables of its worker.

    """

    def __init__(self, number: int, directory: DataDirectory, environment: Mapping[str, str]) -> None:
        self.name = f"worker-{number + 1}"
        self.log = directory.log(self.name)
        self.ends: list[int] = []
        """Exit codes of its workers so far, below 0 for a signal."""
        self.stops_s: list[float] = []
        """How long each took to end that was asked to."""
        self._orders = directory.path / f"{self.name}.orders"
        self._environment = environment
        self._process = ServerProcess(self.name, log=self.log, limits=Limits(stop_timeout_s=_END_TIMEOUT_S))
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._asked_s: float | None = None
        self._expected: set[int] = set()
        self._again_s = 0.0

    def start(self) -> None:
        """Start a worker; the main thread has to, since a child dies with the thread that started it."""
        give_orders(self._orders, Orders())
        command = [sys.executable, "-m", "payflow.faults.disturbed_worker", str(self._orders)]
        self._child = self._process.spawn(command, environment=self._environment)
        self._log_start = self.log.stat().st_size
        self._asked_s, self._expected = None, set()

    @property
    def working(self) -> bool:
        """Whether it has started and was not asked to end."""
        return self._child is not None and self._asked_s is None and self._has_started()

    def kill(self) -> None:
        """SIGKILL."""
        self._expected.add(-signal.SIGKILL)
        self._signal(signal.SIGKILL)

    def ask_to_end(self, times: int = 1) -> None:
        """SIGTERM; once more for one that shall hurry."""
        self._expected.update((*_CLEAN, UNREACHABLE, -signal.SIGTERM))
        for _ in range(times):
            self._signal(signal.SIGTERM)
        if self._asked_s is None:
            self._asked_s = time.monotonic()

    def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def order(self, orders: Orders) -> bool:
        """Hand orders to its worker. False for one that has not started yet: it could not take them."""
        if not self.working:
            return False
        give_orders(self._orders, orders)
        self._signal(signal.SIGUSR2)
        return True

    def tend(self) -> None:
        """Replace a worker that has ended.

        Raises:
            DrillFailed: when it ended though nobody wanted it to, or doesn't end though it was asked.

        """
        now_s = time.monotonic()
        if self._child is None:
            if now_s >= self._again_s:
                self.start()
            return
        code = self._child.poll()
        if code is None:
            if self._asked_s is not None and now_s > self._asked_s + _END_TIMEOUT_S:
                raise DrillFailed(
                    f"{self.name} did not end within {_END_TIMEOUT_S:g} s of SIGTERM; see {self.log}"
                )
            return
        self.ends.append(code)
        if self._asked_s is not None:
            self.stops_s.append(now_s - self._asked_s)
        expected = code in self._expected or (code == UNREACHABLE and not self._has_started())
        self._process.stop()
        self._child = None
        self._again_s = now_s + (0.0 if self._expected else _RESTART_PAUSE_S)
        if not expected:
            raise DrillFailed(f"{self.name} ended by itself with {code}; see {self.log}")

    def end(self) -> int | None:
        """Ask its worker to end, and wait; give its exit code, None if there is none."""
        if self._child is None:
            return None
        child = self._child
        self.thaw()
        self._process.stop()
        self._child = None
        return child.returncode

    def _has_started(self) -> bool:
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return b'"worker_started"' in log.read()

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None and self._child.poll() is None:
            os.kill(self._child.pid, number)


class Crew:
    """All workers of a drill."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = members

    def start(self) -> None:
        """Start them all."""
        for member in self.members:
            member.start()

    def tend(self) -> None:
        """Replace those that have ended.

        Raises:
            DrillFailed: see `Member.tend`.

        """
        for member in self.members:
            member.tend()

    def heal(self) -> None:
        """Let all go on that stand still, with clocks that are right."""
        for member in self.members:
            member.thaw()
            member.order(Orders())

    def end(self) -> list[int | None]:
        """End them one after the other; give their exit codes."""
        return [member.end() for member in self.members]
