"""How workers learn at once that something was ordered: a stream in Redis that says no more than "look".

What is ordered stands in PostgreSQL alone. An entry of the stream only makes a worker look there, so a Redis
that lies, forgets or is away can delay an order and never make one up: a paused fleet stays paused.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from payflow.fleet.redis_calls import within

if TYPE_CHECKING:
    from payflow.ledger.pool import Connection

__all__ = ["FLEETS", "Channel", "FleetKeys"]

ENTRIES_MAX: Final = 100
KEPT_S: Final = 86_400
WAIT_MS: Final = 1_000
"""How long one read of the stream waits; short, so that a connection that broke is soon noticed."""
WAIT_SLACK_S: Final = 1.0

_IDENTITY = (files("payflow.ledger") / "sql" / "identity.sql").read_text()


FLEETS: Final = "pf:fleets"
"""The fleets that this Redis has heard of lately, by the identity of their books."""


class FleetKeys:
    """The names of this fleet's keys: one hash tag, so that a cluster keeps them together.

    Args:
        books: the identity of the database that the fleet works for; fleets may share a Redis.

    """

    def __init__(self, books: str) -> None:
        self.books = books
        tag = f"pf:{{fleet:{books}}}"
        self.orders = f"{tag}:orders"
        self.announcements = f"{tag}:announcements"
        self.seen = f"{tag}:seen"
        self.bucket = f"{tag}:bucket"

    def merchant_bucket(self, merchant_id: str) -> str:
        """Name the bucket of one merchant."""
        return f"{self.bucket}:{merchant_id}"

    @classmethod
    async def of(cls, connection: Connection) -> FleetKeys:
        """Read which books these are."""
        return cls(str(await connection.fetchval(_IDENTITY)))


class Channel:
    """The stream of one fleet.

    Args:
        redis: a client; it stays the caller's to close. Reads of the stream take up to `WAIT_MS`.
        keys: the fleet's keys.
        deadline_s: how long telling may take.

    """

    def __init__(self, redis: Any, keys: FleetKeys, deadline_s: float) -> None:
        self.redis = redis
        self.keys = keys
        self._deadline_s = deadline_s
        self._read_up_to = "0-0"

    async def tell(self, revision: int) -> bool:
        """Make all workers look; False when Redis did not take it. Never raises."""
        try:
            async with within(self._deadline_s):
                await self.redis.xadd(
                    self.keys.orders, {"revision": revision}, maxlen=ENTRIES_MAX, approximate=True
                )
                await self.redis.expire(self.keys.orders, KEPT_S)
        except Exception:  # noqa: BLE001 - drivers raise what they like; the record has the order all the same
            return False
        return True

    async def told(self) -> int | None:
        """Wait for a moment until somebody tells something; whatever it says, it is a reason to look.

        Returns:
            The newest revision that was told, 0 for what makes no sense, None if nothing was told.

        Raises:
            Exception: whatever the driver raises when Redis is away.

        """
        async with within(WAIT_MS / 1_000 + WAIT_SLACK_S):
            answer = await self.redis.xread({self.keys.orders: self._read_up_to}, block=WAIT_MS)
        revision = None
        for entries in _streams(answer):
            for name, fields in entries:
                self._read_up_to = name
                revision = max(revision or 0, _revision(fields))
        return revision


def _streams(answer: Any) -> list[Any]:
    """Give the entries of each stream; the driver answers with pairs, or in its newer protocol a mapping."""
    if isinstance(answer, dict):
        return [entry for entries in answer.values() for entry in entries]
    return [entries for _, entries in answer or []]


def _revision(fields: Any) -> int:
    try:
        return int(fields[b"revision"])
    except (KeyError, TypeError, ValueError):
        return 0
