"""The worker process of a run: its figures, its memory over time, its end."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson
import psutil

from payflow.bench.failure import BenchFailed
from payflow.embedded.machine import command

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

    from payflow.embedded.process import ServerProcess

RSS_INTERVAL_S = 0.5
_MIB = 2**20


class Workplace(Protocol):
    """Where a worker is started."""

    @property
    def worker(self) -> ServerProcess:
        """Its process, not started yet."""

    @property
    def environment(self) -> dict[str, str]:
        """What leads it to the run's servers."""


class BenchedWorker:
    """`payflow worker` as a process of its own, watched from outside."""

    def __init__(self, rig: Workplace, arguments: Sequence[str] | None = None) -> None:
        """Start it; `arguments` is another command line for it."""
        self._process = rig.worker
        self._child = self._process.spawn(
            arguments or command("worker", "--status", "json"), pipe=True, environment=rig.environment
        )
        self._started_s = time.monotonic()
        self._said: dict[str, Any] = {}
        self._reader = threading.Thread(target=self._read, args=(self._child,), daemon=True)
        self._reader.start()
        self._memory = psutil.Process(self._child.pid)
        self._rss_due_s = 0.0
        self.peak_rss_mib = 0.0
        self.rss_mib: list[tuple[float, float]] = []
        """(seconds since the start, resident MiB)."""

    def look(self) -> None:
        """Take the memory if it is time to.

        Raises:
            BenchFailed: when the worker has ended.

        """
        if not self._process.healthy():
            raise BenchFailed(f"the worker ended by itself: {self._process.last_lines()}")
        now_s = time.monotonic() - self._started_s
        if now_s < self._rss_due_s:
            return
        self._rss_due_s = now_s + RSS_INTERVAL_S
        rss_mib = self._memory.memory_info().rss / _MIB
        self.rss_mib.append((round(now_s, 1), round(rss_mib, 1)))
        self.peak_rss_mib = max(self.peak_rss_mib, rss_mib, self._high_water_mib())

    def stop(self) -> dict[str, Any]:
        """Ask it to stop, wait, and give the last line that it printed.

        Raises:
            BenchFailed: when it printed none.

        """
        # All that it says is read before its end of the pipe is closed here.
        self._child.terminate()
        self._reader.join(timeout=self._process.limits.stop_timeout_s)
        self._process.stop()
        if not self._said:
            raise BenchFailed(f"the worker gave no figures: {self._process.last_lines()}")
        return self._said

    def _read(self, child: subprocess.Popen[bytes]) -> None:
        if child.stdout is None:
            return
        for line in child.stdout:
            self._said = orjson.loads(line)

    def _high_water_mib(self) -> float:
        """Give the most that it ever had resident, as the kernel keeps it; peaks between looks count."""
        try:
            status = Path(f"/proc/{self._child.pid}/status").read_text("ascii")
        except OSError:
            return 0.0
        lines = (line.split() for line in status.splitlines() if line.startswith("VmHWM:"))
        return next((int(kib) / 1_024 for _, kib, _ in lines), 0.0)
