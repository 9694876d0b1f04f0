"""Runs a proxy in a process of its own, and turns its switches."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import select
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from payflow.embedded.process import Limits, ServerProcess
from payflow.faults.failure import FaultsFailed
from payflow.faults.proxy_process import READY
from payflow.faults.switches import Counts, Switches

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

_LIMITS = Limits(start_timeout_s=30.0, stop_timeout_s=5.0)
_ORDER_TIMEOUT_S = 10.0


class FaultProxy:
    """A proxy before one server; not started until `start`.

    Args:
        name: what operators call the server.
        listen: path of the Unix socket to make, or `host:port`.
        target: path of the server's Unix socket, or `host:port`.
        control: path of the Unix socket that orders go through.
        log: file for what the process says.
        delay_ms: what a question and its answer take longer from the start.

    """

    def __init__(
        self, name: str, *, listen: str, target: str, control: Path, log: Path, delay_ms: float = 0.0
    ) -> None:
        self.process = ServerProcess(f"{name} proxy", log=log, limits=_LIMITS)
        self.listen = listen
        self._target = target
        self._control = control
        self._delay_ms = delay_ms
        self._orders: socket.socket | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections; `listen` then has the real port.

        Raises:
            EmbeddedFailed: when it can't start.

        """
        module = "payflow.faults.proxy_process"
        command = [sys.executable, "-m", module, self.listen, self._target, str(self._control)]
        child = self.process.spawn([*command, f"{self._delay_ms:g}"], pipe=True)
        self.process.wait_until(lambda: self._is_ready(child))
        self._orders = socket.socket(socket.AF_UNIX)
        self._orders.settimeout(_ORDER_TIMEOUT_S)
        self._orders.connect(str(self._control))

    def stop(self) -> None:
        """End it; connections through it end too."""
        if self._orders is not None:
            self._orders.close()
            self._orders = None
        self.process.stop()

    def turn(self, switches: Switches) -> Counts:
        """Put these switches in force; give the counts."""
        return self._order({"switches": dataclasses.asdict(switches)})

    def cut(self) -> Counts:
        """Reset all connections."""
        return self._order({"cut": True})

    def counts(self) -> Counts:
        """Give what it has done so far."""
        return self._order({})

    def _order(self, order: dict[str, Any]) -> Counts:
        if self._orders is None:
            raise FaultsFailed(f"the {self.process.name} does not run")
        try:
            self._orders.sendall(json.dumps(order).encode() + b"\n")
            with self._orders.makefile("rb") as answers:
                answer = json.loads(answers.readline())
        except (OSError, ValueError) as error:
            raise FaultsFailed(
                f"the {self.process.name} does not answer: {error}; it said: {self.process.last_lines()}"
            ) from error
        if "refused" in answer:
            raise FaultsFailed(f"the {self.process.name} refused: {answer['refused']}")
        return Counts(**answer)

    def _is_ready(self, child: subprocess.Popen[bytes]) -> bool:
        if child.stdout is None or not select.select([child.stdout], [], [], 0)[0]:
            return False
        line = child.stdout.readline()
        if not line.startswith(READY):
            return False
        self.listen = line.removeprefix(READY).decode().strip()
        return True


@dataclass(frozen=True)
class Proxied:
    """A server behind a proxy that runs."""

    proxy: FaultProxy
    endpoint: str
    """The URL that leads through the proxy."""

    def stop(self) -> None:
        """End the proxy."""
        with contextlib.suppress(FaultsFailed):
            self.proxy.stop()
