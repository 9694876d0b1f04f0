"""One JSON object a second on standard output: what this worker does, for `payflow up` and scripts."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from payflow.breakers import Breakers
    from payflow.intake import Intake
    from payflow.intake.budget import InFlightBudget
    from payflow.telemetry.figures import Figures
    from payflow.worker.fleet import Membership

INTERVAL_S = 1.0


class StatusLines:
    """Prints live figures until cancelled. A reader that went away ends the lines, not the worker."""

    def __init__(
        self,
        figures: Figures,
        intake: Intake,
        breakers: Breakers,
        budget: InFlightBudget,
        member: Membership,
    ) -> None:
        self._member = member
        self._breakers = breakers
        self._budget = budget
        self._figures = figures
        self._intake = intake
        self._decided = 0
        self._received = 0
        self._at = time.monotonic()

    async def run(self) -> None:
        """Print one line each interval."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            if not self.print_line():
                return

    def print_line(self) -> bool:
        """Print the figures as they are now; False when nobody reads them any more."""
        try:
            sys.stdout.buffer.write(orjson.dumps(self.line()) + b"\n")
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            return False
        return True

    def line(self) -> dict[str, Any]:
        """Return the figures since the last call."""
        now, stats, decided = time.monotonic(), self._intake.stats(), self._figures.decided
        elapsed_s = max(now - self._at, 1e-6)
        line = {
            **self._figures.snapshot(),
            "received": stats.received,
            "received_per_s": round((stats.received - self._received) / elapsed_s, 1),
            "applied_per_s": round((decided - self._decided) / elapsed_s, 1),
            "lag_ms": {name: round(value, 2) for name, value in self._figures.lag_ms().items()},
            "in_hand": stats.in_flight,
            "in_flight_budget": self._in_flight_budget(),
            "errors": {**self._figures.failures, **stats.errors},
            "fleet": self._member.figures().plain(),
            "breakers": {name: known.state for name, known in self._breakers.states().items()},
        }
        self._at, self._decided, self._received = now, decided, stats.received
        return line

    def _in_flight_budget(self) -> dict[str, Any]:
        state = self._budget.state()
        return {
            "used": state.used,
            "limit": state.limit,
            "level": state.level,
            "exhausted_in_s": state.exhausted_in_s and round(state.exhausted_in_s, 1),
        }
