"""Takes a part of a run away, and brings it back."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from payflow.faults.disturbed_worker import Orders, give_orders

if TYPE_CHECKING:
    from pathlib import Path

    from payflow.bench.options import OutageOptions
    from payflow.bench.rig import Rig
    from payflow.embedded import EmbeddedServer


class Away:
    """One part of a run.

    Args:
        rig: its servers and its worker.
        options: which part, and for how long.
        orders: the file that the worker takes orders from.

    """

    def __init__(self, rig: Rig, options: OutageOptions, orders: Path) -> None:
        name, _, self._way = options.part.partition("-")
        self._server: EmbeddedServer | None = None if name == "loop" else rig.servers[name]
        self._worker = rig.worker
        self._seconds = options.seconds
        self._orders = orders
        self._pids: tuple[int, ...] = ()

    def begin(self) -> None:
        """Take it away."""
        if self._server is None:
            give_orders(self._orders, Orders(block_s=self._seconds))
            os.kill(self._worker.pids()[0], signal.SIGUSR2)
        elif self._way == "frozen":
            self._pids = self._server.pids()
            self._signal(signal.SIGSTOP)
        elif self._way == "killed" or self._server.name == "Valkey":
            self._pids = self._server.pids()
            self._signal(signal.SIGKILL)
        else:
            self._server.stop()

    def end(self) -> float:
        """Bring it back; give the monotonic time at which it answers again."""
        if self._server is not None and self._way == "frozen":
            self._signal(signal.SIGCONT)
        elif self._server is not None:
            self._server.stop()
            self._server.start()
        return time.monotonic()

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
