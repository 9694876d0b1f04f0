"""A child process that is bound to the life of this one."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from payflow.embedded.failure import EmbeddedFailed

POLL_INTERVAL_S = 0.02
"""How often a start or a stop looks whether it is done."""

_PR_SET_PDEATHSIG = 1
_LOG_BYTES_MAX = 16 * 1024 * 1024
_TAIL_LINES = 5

# Loaded before any fork: between fork and exec nothing may be imported.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Limits:
    """How long a server may take to become ready, and to end in order before it is killed."""

    start_timeout_s: float = 60.0
    stop_timeout_s: float = 30.0


LIMITS = Limits()
"""What holds unless somebody says otherwise."""


class ServerProcess:
    """Runs one command with its output in a log file, and ends it within a deadline.

    Args:
        name: what operators call it.
        log: file that its standard error goes to, and its standard output unless `pipe` asks for it.
        end_signal: what asks it to end in order.
        limits: how long its start and its stop may take.
        user: the account to run it as, when it isn't this process's own.

    """

    def __init__(
        self,
        name: str,
        *,
        log: Path,
        end_signal: signal.Signals = signal.SIGTERM,
        limits: Limits = LIMITS,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._end_signal = end_signal
        self.limits = limits
        self._user = user
        self._child: subprocess.Popen[bytes] | None = None

    def spawn(
        self,
        command: Sequence[str | Path],
        *,
        pipe: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start the command.

        Raises:
            EmbeddedFailed: when the program can't be executed.

        """
        _rotate(self.log)
        options: dict[str, Any] = {}
        if self._user is not None:
            options = {"user": self._user, "group": self._user, "extra_groups": []}
        with self.log.open("ab") as log:
            try:
                self._child = subprocess.Popen(  # noqa: S603 - the command is ours
                    [str(part) for part in command],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE if pipe else log,
                    stderr=log,
                    env=None if environment is None else dict(environment),
                    # Another account may not enter our working directory; settings may name paths from it.
                    cwd=None if self._user is None else "/",
                    # A group of its own keeps the terminal's Ctrl-C away: servers stop when we say so.
                    process_group=0,
                    preexec_fn=_bound_to_parent(os.getpid(), self._end_signal),  # noqa: PLW1509
                    **options,
                )
            except OSError as error:
                raise EmbeddedFailed(
                    f"{self.name} can't be executed: {command[0]}: {error.strerror}",
                    "reinstall PayFlow's dependencies with `make run`, or check that the file is executable",
                ) from error
        return self._child

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait until `ready` says so.

        Raises:
            EmbeddedFailed: when the process ends first, or the time is over; it is stopped then.

        """
        timeout_s = self.limits.start_timeout_s
        deadline = time.monotonic() + timeout_s
        while not ready():
            if self._child is None or self._child.poll() is not None:
                code = None if self._child is None else self._child.returncode
                self.stop()
                raise EmbeddedFailed(
                    f"{self.name} ended while starting (exit code {code}): {self.last_lines()}",
                    f"read {self.log}",
                )
            if time.monotonic() > deadline:
                self.stop()
                raise EmbeddedFailed(
                    f"{self.name} was not ready within {timeout_s:g} s: {self.last_lines()}",
                    f"read {self.log}, or raise PAYFLOW_EMBEDDED_START_TIMEOUT_S",
                )
            time.sleep(POLL_INTERVAL_S)

    def stop(self) -> None:
        """Ask the process to end, and kill it when it takes too long."""
        child = self._child
        if child is None:
            return
        for number in (self._end_signal, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(self.limits.stop_timeout_s)
                break
        if child.stdout is not None:
            child.stdout.close()
        self._child = None

    def kill(self) -> None:
        """End the process at once; `stop` then finds it gone."""
        if self._child is not None:
            self._child.kill()

    def pids(self) -> tuple[int, ...]:
        """Give the process and its descendants; empty when it doesn't run."""
        return tuple(process.pid for process in self._processes())

    def healthy(self) -> bool:
        """Say whether the process is alive."""
        return self._child is not None and self._child.poll() is None

    def cpu_s(self) -> float:
        """Give the CPU time of the process and its descendants, the ended ones included."""
        total = 0.0
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total

    def last_lines(self) -> str:
        """Give the end of the log on one line."""
        try:
            lines = self.log.read_text("utf-8", "replace").splitlines()
        except OSError:
            return "no log"
        return " | ".join(line.strip() for line in lines[-_TAIL_LINES:]) or "it said nothing"

    def _processes(self) -> list[Any]:
        if not self.healthy() or self._child is None:
            return []
        try:
            first = psutil.Process(self._child.pid)
            return [first, *first.children(recursive=True)]
        except psutil.Error:
            return []


def _bound_to_parent(parent: int, end_signal: signal.Signals) -> Callable[[], None]:
    """Make what runs in the child before the program: ask the kernel to end it with its parent."""

    def bind() -> None:
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, int(end_signal), 0, 0, 0)
        # The parent may have died before the request reached the kernel.
        if os.getppid() != parent:
            os._exit(1)

    return bind


def _rotate(log: Path) -> None:
    """Keep one older log once the current one is large."""
    if log.exists() and log.stat().st_size > _LOG_BYTES_MAX:
        log.replace(log.with_suffix(".old.log"))
