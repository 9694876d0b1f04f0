"""Holds this worker to the fleet's rate by what it receives: no message fails for a limit."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from payflow.fleet.buckets import Ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.fleet.buckets import Rations
    from payflow.intake import Intake

TICK_S: Final = 0.1
RESERVE_S: Final = 0.25
"""How much of its part a worker keeps ready: enough for its receives until the next tick but one."""


class ReceiveMeter:
    """Gives the intake as many deliveries as the fleet's rate allows.

    Args:
        intake: receives what it is allowed.
        rations: gives out this worker's part of the rate.
        receives: whether it receives at all now; who does not takes no part.

    """

    def __init__(self, intake: Intake, rations: Rations, receives: Callable[[], bool]) -> None:
        self._intake = intake
        self._rations = rations
        self._receives = receives
        self._sharers = 1
        self._changed = asyncio.Event()
        self.rate_per_s: float | None = None
        """The fleet's rate; None while there is none, and then nothing is counted."""
        self.throttled_s = 0.0
        """Seconds in which it would have received more."""

    def hold_to(self, rate_per_s: float | None, sharers: int) -> None:
        """Keep to a rate from now on, or to none; `sharers` is who shares it, as far as is known."""
        self._sharers = max(sharers, 1)
        if rate_per_s == self.rate_per_s:
            return
        if rate_per_s is None:
            self._intake.allow(None)
        elif self.rate_per_s is None:
            self._intake.allow(0)
        self.rate_per_s = rate_per_s
        self._changed.set()

    async def run(self) -> None:
        """Ask for this worker's part, tick by tick; until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(None if self.rate_per_s is None else TICK_S):
                    await self._changed.wait()
            self._changed.clear()
            if self.rate_per_s is not None and self._receives():
                await self._top_up(self.rate_per_s)

    async def _top_up(self, rate_per_s: float) -> None:
        left = self._intake.stats().allowance or 0
        ready = max(1, math.ceil(rate_per_s * RESERVE_S / self._sharers))
        grant = (await self._rations.take({"": Ask(rate_per_s, max(0, ready - left))}))[""]
        self._sharers = grant.sharers
        if grant.granted and self.rate_per_s is not None:
            self._intake.allow(grant.granted)
        if not left and grant.granted < ready:
            self.throttled_s += TICK_S
