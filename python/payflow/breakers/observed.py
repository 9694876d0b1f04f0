"""A breaker that nothing waits for: it shows the state of a dependency that looks after itself.

Redis is left alone by the marks for a moment after each failure, and the intake holds off from SQS by its own
pace. Neither needs a gate, but an operator needs to see both: their counters are read once in a while, and
what they say since the last time decides.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payflow.breakers.breaker import Breaker


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
        self._failures: Counter[str] = Counter()
        self._successes = 0

    def observe(self, failures: Mapping[str, int], successes: int) -> None:
        """Take the counters as they are now: failed calls by kind, and calls that went well.

        A stretch without any call says nothing, and changes nothing.
        """
        fresh = Counter(failures)
        fresh.subtract(self._failures)
        succeeded = max(0, successes - self._successes)
        self._failures, self._successes = Counter(failures), successes
        kind, most = max(fresh.items(), key=lambda pair: pair[1], default=("", 0))
        failed = sum(fresh.values())
        if most > 0 and failed >= self._failing_share * (failed + succeeded):
            self._breaker.failed(f"{kind}: {failed} of {failed + succeeded} calls failed")
        elif succeeded:
            self._breaker.succeeded()
