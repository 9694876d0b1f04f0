"""What all strikes have in common: begin, end, and bring everything back."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Protocol

from payflow.faults import Switches

if TYPE_CHECKING:
    import signal

    from payflow.drill.plan import Injection
    from payflow.embedded import EmbeddedServer
    from payflow.faults import FaultProxy


class Strikes(Protocol):
    """The faults of some lanes. Called from the main thread, which alone may start servers and workers."""

    def begin(self, injection: Injection) -> None:
        """Begin a fault."""

    def end(self, injection: Injection) -> str:
        """End it; say what it struck where that can be told, else nothing."""

    def tend(self) -> None:
        """Bring back what has ended late, when its fault was over: a server may take its time to die."""

    def heal(self) -> None:
        """Bring back all that could still be away."""


class Network:
    """A server's proxy, with the counted strikes of one fault."""

    def __init__(self, proxy: FaultProxy) -> None:
        self._proxy = proxy
        self._shots = 0

    def cut(self) -> None:
        """Reset all connections."""
        self._proxy.cut()

    def turn(self, **switches: float) -> None:
        """Put switches in force, and count from here."""
        counts = self._proxy.turn(Switches(**switches))  # type: ignore[arg-type]
        self._shots = counts.torn_replies + counts.lost_commits + counts.unanswered_commits

    def clear(self) -> int:
        """Let everything pass; say how often a counted switch has struck."""
        counts = self._proxy.turn(Switches())
        return counts.torn_replies + counts.lost_commits + counts.unanswered_commits - self._shots


def signal_all(server: EmbeddedServer, number: signal.Signals) -> None:
    """Send a signal to all processes of a server."""
    for pid in server.pids():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def bring_up(server: EmbeddedServer, *, ended: bool) -> None:
    """Start a server that is gone, however it went.

    Args:
        server: the server.
        ended: it was ended on purpose, and may only be dying yet.

    """
    if ended or not server.healthy():
        server.stop()
        server.start()
