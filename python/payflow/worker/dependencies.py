"""The breakers of a worker: PostgreSQL holds work, Redis and SQS are watched."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from payflow.breakers import Breakers, Calls, Gate, GateOptions, ObservedBreaker, ProbeDelays

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from payflow.idempotency import SeenMarks
    from payflow.intake import Intake
    from payflow.intake.contract import IntakeStats
    from payflow.worker.receiving import Receiving

WATCH_INTERVAL_S: Final = 1.0
"""How often the counters of Redis and SQS are read."""

_ANY_FAILURE: Final = 1e-9
_HALF: Final = 0.5


class Dependencies:
    """What a worker leans on, and how it is.

    Args:
        utc_now: the time that states are stamped with.
        probe_delay_max_s: longest pause between two probes of PostgreSQL.

    """

    def __init__(self, utc_now: Callable[[], datetime], probe_delay_max_s: float) -> None:
        self.breakers = Breakers(time.monotonic, utc_now)
        delays = ProbeDelays(delay_min_s=min(0.25, probe_delay_max_s), delay_max_s=probe_delay_max_s)
        self._postgres = self.breakers.add("postgres", delays)
        # A single failed call leaves Redis alone for a moment: that is when batches go on without it.
        self._redis = ObservedBreaker(self.breakers.add("redis"), _ANY_FAILURE)
        # A throttled call now and then is everyday life on SQS.
        self._sqs = ObservedBreaker(self.breakers.add("sqs"), _HALF)

    def store_gate(
        self, probe: Callable[[], Awaitable[None]], options: GateOptions, receiving: Receiving
    ) -> Gate:
        """Make the gate before PostgreSQL: while it is closed, nothing is received."""
        return Gate(
            self._postgres,
            probe,
            options,
            closed=lambda: receiving.pause("postgres"),
            opened=lambda: receiving.resume("postgres"),
        )

    async def watch(self, seen: SeenMarks, intake: Intake) -> None:
        """Read the counters of Redis and SQS until cancelled."""
        checked_without_redis, before = 0, seen.stats()
        while True:
            await asyncio.sleep(WATCH_INTERVAL_S)
            now = seen.stats()
            if now.held_off_calls > before.held_off_calls:
                checked_without_redis += now.checked - before.checked
            before = now
            answered = Calls(sum(now.failures.values()), now.checked - checked_without_redis)
            self._redis.observe(now.failures, {"calls": answered})
            sqs = intake.stats()
            self._sqs.observe(sqs.errors, _calls(sqs))


def _calls(sqs: IntakeStats) -> dict[str, Calls]:
    """Count the calls to SQS that are over; a few of those under way count as gone well until they are."""
    polled = sqs.receive_calls - sqs.polls_active
    return {
        "polls": Calls(sqs.receive_calls_failed, polled - sqs.receive_calls_failed),
        "deletes": Calls(sqs.delete_calls_failed, sqs.delete_calls - sqs.delete_calls_failed),
        "other calls": Calls(sqs.other_calls_failed, sqs.other_calls - sqs.other_calls_failed),
    }
