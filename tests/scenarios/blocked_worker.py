"""A worker whose event loop is blocked once, right after its first commit, as by code that forgets to yield.

python -m tests.scenarios.blocked_worker SECONDS
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from payflow.settings import load
from payflow.telemetry.logs import configure
from payflow.worker import run_worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.events import PaymentEvent


class BlockOnce:
    """Keeps the interpreter busy for a while when it is told of a commit for the first time."""

    def __init__(self, duration_s: float) -> None:
        self._duration_s = duration_s
        self._blocked = False

    def __call__(self, _events: Sequence[PaymentEvent], _committed_at_ms: float) -> None:
        """Take the events of one commit."""
        if self._blocked:
            return
        self._blocked = True
        ends_s = time.monotonic() + self._duration_s
        while time.monotonic() < ends_s:
            pass


if __name__ == "__main__":
    settings = load(running=False)
    configure(settings.logging.level, "json")
    sys.exit(run_worker(settings, status="json", observe=BlockOnce(float(sys.argv[1]))))
