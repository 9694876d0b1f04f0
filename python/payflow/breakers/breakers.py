"""All breakers of one worker: made alike, logged alike, and read in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from payflow.breakers.breaker import Breaker, ProbeDelays, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from payflow.breakers.breaker import BreakerState

log = structlog.get_logger(__name__)


class Breakers:
    """The breakers by the names of their dependencies."""

    def __init__(self, clock_s: Callable[[], float], utc_now: Callable[[], datetime]) -> None:
        """``clock_s`` gives monotonic seconds, ``utc_now`` the time that states are stamped with."""
        self._clock_s = clock_s
        self._utc_now = utc_now
        self._breakers: dict[str, Breaker] = {}

    def add(self, name: str, delays: ProbeDelays | None = None) -> Breaker:
        """Make the breaker of one dependency; every change of it is logged."""
        if name in self._breakers:
            raise ValueError(f"{name}: this dependency has its breaker already")
        breaker = Breaker(name, delays or ProbeDelays(), self._clock_s, self._utc_now, _log)
        self._breakers[name] = breaker
        return breaker

    def states(self) -> Mapping[str, BreakerState]:
        """Give the state of every breaker; a copy, cheap enough for every scrape."""
        return {name: breaker.state() for name, breaker in self._breakers.items()}


def _log(breaker: Breaker, before: State) -> None:
    now = breaker.state()
    if now.state is State.CLOSED:
        say, event = log.info, "breaker_closed"
    elif before is State.CLOSED:
        say, event = log.warning, "breaker_opened"
    else:
        # One warning an outage: each probe that fails says the same again.
        say, event = log.debug, "breaker_probed"
    say(
        event,
        dependency=breaker.name,
        state=now.state,
        reason=now.reason,
        opened_total=now.opened_total,
        probes_total=now.probes_total,
    )
