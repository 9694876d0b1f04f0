"""Worker processes for the scenarios: the real worker, forked from a process that has its imports done.

Imports cost a worker seconds of CPU on a busy machine, and a scenario starts several. The fork server of
`multiprocessing` imports once; each worker is still a process of its own, with its own signals, threads and
death.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DEADLINE_S = 30.0
LOOKS_BETWEEN_JUMPS = 20

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["payflow.settings", "payflow.telemetry.logs", "payflow.worker"])


class WorkerProcess:
    """One worker with its settings, from its start to its end.

    Args:
        environment: all of its environment variables.
        log: file for its log lines; its status lines go beside it.
        die_at: the stage at which it kills itself, and at which passage; None for a worker that lives.
        clock_jumps_s: how far its clock jumps now and then, ahead and back; 0 for one that is right.

    """

    def __init__(
        self,
        environment: Mapping[str, str],
        log: Path,
        die_at: tuple[str, int] | None = None,
        clock_jumps_s: float = 0.0,
    ) -> None:
        self._log = log
        self._status = log.with_suffix(".status")
        arguments = (dict(environment), str(self._log), str(self._status), die_at, clock_jumps_s)
        log.touch()
        self._process = _forks.Process(target=_work, args=arguments, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    def wait(self) -> int:
        """Wait for its end; give its exit code, below 0 for the signal that ended it."""
        self._process.join(DEADLINE_S)
        assert self._process.exitcode is not None, f"the worker did not end; its log:\n{self.log()}"
        return self._process.exitcode

    def stop(self) -> int:
        """Ask it to end, as an operator does; give its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it whatever it does, if it still runs."""
        if self.alive:
            self._process.kill()
        self._process.join(DEADLINE_S)

    def log(self) -> str:
        """Give what it logged."""
        return self._log.read_text("utf-8")

    @property
    def has_spoken(self) -> bool:
        """Whether it has printed a status line."""
        return self._status.exists() and b"\n" in self._status.read_bytes()

    def figures(self) -> dict[str, Any]:
        """Give its last status line."""
        figures: dict[str, Any] = orjson.loads(self._status.read_bytes().splitlines()[-1])
        return figures


def eventually(holds: Callable[[], object], claim: str, *workers: WorkerProcess) -> None:
    """Look until `holds` does; end early when one of the workers that it takes has died."""
    ends_at = time.monotonic() + DEADLINE_S
    while not holds():
        dead = [worker for worker in workers if not worker.alive]
        if dead:
            pytest.fail(f"{claim}: the worker ended with {dead[0].wait()}; its log:\n{dead[0].log()}")
        if time.monotonic() > ends_at:
            pytest.fail(f"never came true: {claim}\n" + "\n".join(worker.log() for worker in workers))
        time.sleep(0.02)


class JumpingClock:
    """The time in UTC: right for a while, then far ahead, right again, then far back, and so on."""

    def __init__(self, jump_s: float) -> None:
        self._jumps = itertools.cycle(
            timedelta(seconds=way * jump_s) for way in (0, 1, 0, -1) for _ in range(LOOKS_BETWEEN_JUMPS)
        )

    def __call__(self) -> datetime:
        return datetime.now(UTC) + next(self._jumps)


def _work(
    environment: dict[str, str], log: str, status: str, die_at: tuple[str, int] | None, clock_jumps_s: float
) -> None:
    """Become a worker, as `payflow worker --status json` would."""
    for path, descriptor in ((status, 1), (log, 2)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    os.environ.clear()
    os.environ.update(environment)

    from payflow.settings import load  # noqa: PLC0415 - the fork server has them imported
    from payflow.telemetry.logs import configure  # noqa: PLC0415
    from payflow.worker import run_worker  # noqa: PLC0415

    if die_at is not None:
        from tests.scenarios.dying_worker import doom  # noqa: PLC0415

        doom(*die_at)
    settings = load(running=False)
    configure(settings.logging.level, settings.logging.format)
    sys.exit(run_worker(settings, status="json", clock=JumpingClock(clock_jumps_s)))
