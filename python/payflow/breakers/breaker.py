"""One dependency's breaker: closed while it answers, open while it does not, half-open while it is tried.

Pure: it is told what happened and asked what to do next. Clocks and chance come from outside.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

__all__ = ["REASON_LENGTH_MAX", "Breaker", "BreakerState", "ProbeDelays", "State"]

REASON_LENGTH_MAX: Final = 300
"""Longest reason that is kept, in characters: drivers quote whole statements."""

_EXPONENT_MAX: Final = 63


class State(StrEnum):
    """Whether work goes through."""

    CLOSED = "closed"
    """The dependency answers; work goes through."""
    OPEN = "open"
    """It does not; work waits for the next probe."""
    HALF_OPEN = "half_open"
    """It is being tried; what comes of that decides."""


@dataclass(frozen=True, slots=True)
class BreakerState:
    """A breaker at one moment, for the health page, the metrics and the logs."""

    state: State
    reason: str | None
    """What the last failure said; None while closed."""
    since: datetime
    """When this state began, in UTC."""
    opened_total: int
    """How often it left `closed` since the start."""
    failures_total: int = 0
    probes_total: int = 0


@dataclass(frozen=True)
class ProbeDelays:
    """How long to wait before each probe: doubling from `delay_min_s` to `delay_max_s`.

    Half of each delay is chance, so that the workers of a fleet don't all knock at once; the other half is
    not, so that none knocks without a pause.
    """

    delay_min_s: float = 0.25
    delay_max_s: float = 3.0
    rng: random.Random = field(default_factory=random.Random, repr=False)

    def delay_s(self, failed_probes: int) -> float:
        """Give the seconds to wait after so many probes that failed in a row."""
        cap_s = min(self.delay_max_s, self.delay_min_s * 2.0 ** min(failed_probes, _EXPONENT_MAX))
        return self.rng.uniform(cap_s / 2, cap_s)


class Breaker:
    """The breaker of one dependency.

    Args:
        name: what operators call the dependency.
        delays: how long to wait before each probe.
        clock_s: monotonic seconds.
        utc_now: the time that states are stamped with.
        changed: told each change, with the state that was left.

    """

    def __init__(
        self,
        name: str,
        delays: ProbeDelays,
        clock_s: Callable[[], float],
        utc_now: Callable[[], datetime],
        changed: Callable[[Breaker, State], None] | None = None,
    ) -> None:
        self.name = name
        self._delays = delays
        self._clock_s = clock_s
        self._utc_now = utc_now
        self._changed = changed
        self._state = State.CLOSED
        self._since = utc_now()
        self._reason: str | None = None
        self._opened_at_s = 0.0
        self._probe_at_s = 0.0
        self._failed_probes = 0
        self._opened_total = 0
        self._failures_total = 0
        self._probes_total = 0

    @property
    def closed(self) -> bool:
        """Whether work goes through."""
        return self._state is State.CLOSED

    @property
    def open_for_s(self) -> float:
        """How long it has not been closed, in seconds; 0 while it is."""
        return 0.0 if self.closed else self._clock_s() - self._opened_at_s

    @property
    def probe_in_s(self) -> float:
        """Seconds until the next probe is due, 0 if it is; only of meaning while open."""
        return max(0.0, self._probe_at_s - self._clock_s())

    def state(self) -> BreakerState:
        """Give the state as it is now."""
        return BreakerState(
            state=self._state,
            reason=self._reason,
            since=self._since,
            opened_total=self._opened_total,
            failures_total=self._failures_total,
            probes_total=self._probes_total,
        )

    def failed(self, reason: str) -> None:
        """Note that the dependency failed; a breaker that was not open opens.

        More failures while open only bring the reason up to date: they are of work that had begun before.
        """
        self._failures_total += 1
        self._reason = reason[:REASON_LENGTH_MAX]
        if self._state is State.OPEN:
            return
        if self._state is State.CLOSED:
            self._opened_total += 1
            self._opened_at_s = self._clock_s()
            self._failed_probes = 0
        else:
            self._failed_probes += 1
        self._probe_at_s = self._clock_s() + self._delays.delay_s(self._failed_probes)
        self._enter(State.OPEN)

    def probe(self) -> None:
        """Note that the dependency is being tried; `succeeded` or `failed` must follow."""
        if self._state is State.OPEN:
            self._probes_total += 1
            self._enter(State.HALF_OPEN)

    def succeeded(self) -> None:
        """Note that the dependency did what was asked; the breaker closes."""
        if self.closed:
            return
        self._reason = None
        self._enter(State.CLOSED)

    def _enter(self, state: State) -> None:
        before, self._state = self._state, state
        self._since = self._utc_now()
        if self._changed is not None:
            self._changed(self, before)
