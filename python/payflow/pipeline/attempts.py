"""How often each message has failed by its own fault: counted apart from how often it was received.

SQS counts receives, and a deploy or an outage receives without trying. So failures are counted here, by
message id, in Redis: the count outlives a worker and is shared by all. Losing a count is harmless: the
message gets more attempts, and the queue's redrive policy ends them all the same.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT_S: Final = 14 * 86_400
"""As long as SQS can keep a message."""

_KEY: Final = "pf:attempts:"


class Attempts(Protocol):
    """Counts failures; never raises."""

    async def failed(self, message_ids: Sequence[str]) -> list[int | None]:
        """Count one failure for each message; give how many it has now, None where nobody knows."""


class Uncounted:
    """Knows no counts: messages are tried until the queue's redrive policy ends it."""

    async def failed(self, message_ids: Sequence[str]) -> list[int | None]:
        """See `Attempts.failed`."""
        return [None] * len(message_ids)


class RedisAttempts:
    """Counts in Redis, one round trip for all failures of a batch.

    Args:
        redis: a client, or one of a cluster; it stays the caller's to close.
        deadline_s: what the round trip may take; past it nobody knows the counts.

    """

    def __init__(self, redis: Any, deadline_s: float) -> None:
        self._redis = redis
        self._deadline_s = deadline_s

    async def failed(self, message_ids: Sequence[str]) -> list[int | None]:
        """See `Attempts.failed`."""
        try:
            async with asyncio.timeout(self._deadline_s), self._redis.pipeline(transaction=False) as calls:
                for message_id in message_ids:
                    calls.incr(_KEY + message_id)
                    calls.expire(_KEY + message_id, KEPT_S)
                answers = await calls.execute(raise_on_error=False)
        except Exception:  # noqa: BLE001 - drivers raise what they like; not knowing is always safe
            return [None] * len(message_ids)
        return [answer if isinstance(answer, int) else None for answer in answers[::2]]
