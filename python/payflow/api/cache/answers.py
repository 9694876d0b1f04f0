"""Answers kept for seconds, each for the one user who asked, and dropped by that user's next write.

Nobody ever gets an answer that was made for somebody else: user and role are part of the key. A user's writes
move the generation on that kept answers carry, so everybody sees his own writes; those of others are seen
when the time is over, or at once by a call that says `Cache-Control: no-cache`.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.api.cache.front import Front
    from payflow.api.routing.access import Principal

BODY_BYTES_MAX: Final = 256 * 1_024
"""Larger answers are not kept."""
WRITERS_MAX: Final = 10_000

_GENERATION_BYTES: Final = 8
_ETAG_BYTES: Final = 16
_NO_GENERATION: Final = bytes(_GENERATION_BYTES)


class Kept(NamedTuple):
    """An answer that was kept."""

    etag: bytes
    """Strong, with its quotes."""
    body: bytes


class KeptAnswers:
    """Keeps answers in Redis.

    Args:
        front: Redis.
        ttl_s: how long an answer is kept; 0 keeps none.
        written_for_s: for so long a user counts as having written.
        clock_s: monotonic seconds.

    """

    def __init__(
        self, front: Front, ttl_s: int, written_for_s: float, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.ttl_s = ttl_s
        self._front = front
        self._written_for_s = written_for_s
        self._clock_s = clock_s
        self._writers: dict[str, float] = {}
        self._running: set[asyncio.Task[None]] = set()

    @staticmethod
    def key(principal: Principal, operation_id: str, path: bytes, query: bytes) -> str:
        """Name the answer to one question of one user in one role."""
        parts = (principal.user_id, principal.role, operation_id)
        asked = hashlib.blake2b(path + b"?" + query, digest_size=16).hexdigest()
        return f"payflow:api:answer:{':'.join(parts)}:{asked}"

    @staticmethod
    def generation_key(user_id: str) -> str:
        """Name the generation of a user's answers."""
        return f"payflow:api:generation:{user_id}"

    def found(self, user_id: str, generation: bytes | None, value: bytes | None) -> Kept | None:
        """Give a kept answer, unless the user has written since it was made."""
        if value is None or self.wrote_here(user_id):
            return None
        size = _GENERATION_BYTES + _ETAG_BYTES
        if value[:_GENERATION_BYTES] != (generation or _NO_GENERATION):
            return None
        return Kept(_quoted(value[_GENERATION_BYTES:size]), value[size:])

    def keep(self, key: str, generation: bytes | None, body: bytes) -> bytes:
        """Keep an answer, beside the call that made it; give its tag.

        Args:
            key: of the question.
            generation: as it was before the answer was made.
            body: the answer.

        """
        digest = hashlib.blake2b(body, digest_size=_ETAG_BYTES).digest()
        if self.ttl_s and len(body) <= BODY_BYTES_MAX and self._front.usable():
            value = (generation or _NO_GENERATION) + digest + body
            task = asyncio.create_task(self._set(key, value))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return _quoted(digest)

    async def wrote(self, user_id: str) -> None:
        """Note that a user has written: nothing that was kept before is good for him any more."""
        if len(self._writers) >= WRITERS_MAX:
            now_s = self._clock_s()
            self._writers = {name: until_s for name, until_s in self._writers.items() if until_s > now_s}
        self._writers[user_id] = self._clock_s() + self._written_for_s
        if self._front.usable():
            generation = secrets.token_bytes(_GENERATION_BYTES)
            key = self.generation_key(user_id)
            told = await self._front.attempt(
                self._front.redis.set(key, generation, px=round(self._written_for_s * 1_000))
            )
            if told:
                # From here on the generation says it, to this process as to all others.
                self._writers.pop(user_id, None)

    def wrote_here(self, user_id: str) -> bool:
        """Tell whether a user has written in this process without Redis hearing of it."""
        until_s = self._writers.get(user_id)
        return until_s is not None and until_s > self._clock_s()

    async def _set(self, key: str, value: bytes) -> None:
        await self._front.attempt(self._front.redis.set(key, value, px=self.ttl_s * 1_000))


def _quoted(digest: bytes) -> bytes:
    return b'"' + digest.hex().encode() + b'"'
