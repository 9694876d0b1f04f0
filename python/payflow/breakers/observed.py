"""A breaker that nothing waits for: it shows the state of a dependency that looks after itself.

Redis is left alone by the marks for a moment after each failure, and the intake holds off from SQS by its own
pace. Neither needs a gate, but an operator needs to see both: their counters are read once in a while, and
what they say since the last time decides.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payflow.breakers.breaker import Breaker


IDLE_LOOKS_MAX: Final = 120
"""Looks without a call after which it no longer counts that the last ones failed: there may be no more.

At one look a second this is longer than a poll that hangs: 20 s, its slack, and the pause after it.
"""


class Calls(NamedTuple):
    """Calls of one family that are over, since the start."""

    failed: int
    succeeded: int


class ObservedBreaker:
    """Drives a breaker by counters that only grow.

    Args:
        breaker: what is driven.
        failing_share: the share of calls that must have failed for it to open, above 0 up to 1.

    """

    def __init__(self, breaker: Breaker, failing_share: float) -> None:
        if not 0 < failing_share <= 1:
            raise ValueError(f"failing_share: must be above 0 up to 1, is {failing_share}")
        self._breaker = breaker
        self._failing_share = failing_share
        self._kinds: Counter[str] = Counter()
        self._calls: dict[str, Calls] = {}
        self._failing: dict[str, int] = {}
        """Families that failed last, and the looks since without any call of them."""

    def observe(self, kinds: Mapping[str, int], calls: Mapping[str, Calls]) -> None:
        """Take the counters as they are now.

        Each family of calls is judged by itself: many that go well don't hide that all of another kind fail.
        A stretch without any call of a family says nothing about it, until it is `IDLE_LOOKS_MAX` long.

        Args:
            kinds: failed calls by the kind of their failure.
            calls: by family, how many failed and went well.

        """
        new = Counter(kinds)
        new.subtract(self._kinds)
        kind = max(new.items(), key=lambda pair: pair[1], default=("", 0))[0]
        reason, succeeded = None, False
        for family, now in calls.items():
            before = self._calls.get(family, Calls(0, 0))
            failed, well = now.failed - before.failed, max(0, now.succeeded - before.succeeded)
            if failed > 0 and failed >= self._failing_share * (failed + well):
                self._failing[family] = 0
                reason = f"{kind}: {failed} of {failed + well} {family} failed"
            elif well:
                self._failing.pop(family, None)
                succeeded = True
            elif family in self._failing:
                self._age(family)
        self._kinds, self._calls = Counter(kinds), dict(calls)
        if reason is not None:
            self._breaker.failed(reason)
        elif succeeded and not self._failing:
            self._breaker.succeeded()

    def _age(self, family: str) -> None:
        self._failing[family] += 1
        if self._failing[family] >= IDLE_LOOKS_MAX:
            del self._failing[family]
