"""What a worker says of itself, every few seconds: into the database, and into Redis beside it.

The database has the row that proves a worker was there. Redis has the same words, because an operator looks
at the fleet when the database is away, and that is when its rows stand still. Each store stamps with its own
clock, so that no worker's clock decides who is dead.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the types of the fields
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import msgspec

from payflow.fleet.channel import FLEETS, FleetKeys
from payflow.fleet.record import statement
from payflow.fleet.redis_calls import within

if TYPE_CHECKING:
    from payflow.ledger.pool import Connection

__all__ = [
    "FORGOTTEN_AFTER_S",
    "Announcement",
    "BreakerTold",
    "Said",
    "announce",
    "fleets_heard_of",
    "forget",
    "heard",
    "speak",
    "understood",
    "unspeak",
]

FORGOTTEN_AFTER_S: Final = 86_400.0
"""Workers that were silent for a day are forgotten."""

_ANNOUNCE = statement("announce")
_FORGET = statement("forget")
_SPEAK = (files("payflow.fleet") / "announce.lua").read_text()


class BreakerTold(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker finds one of its dependencies."""

    state: str
    reason: str | None
    since: datetime


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """One worker at one moment."""

    worker_id: str
    version: str
    host: str
    pid: int
    started_at: datetime
    heartbeat_interval_s: float
    state: str
    """`starting`, `running`, `pausing`, `paused`, `draining`, `drained`, `stopping` or `stopped`."""
    paused_for: list[str]
    """Who keeps it from receiving: `operator`, `postgres`, ...; empty while it receives."""
    revision: int
    """The newest order that it obeys."""
    lanes: int
    """Lanes that it started."""
    concurrency_max: int
    """Lanes that may process at once."""
    batch_size_max: int
    rate_limited: bool = False
    """Whether it receives by the fleet's rate limit."""
    in_hand: int = 0
    held: int = 0
    """Part of `in_hand` that waits because its merchant is over its rate."""
    polls_active: int = 0
    received_per_s: float = 0.0
    rate_per_s: float = 0.0
    """Deliveries decided a second, since the announcement before."""
    rules: int = 0
    """Rules in force."""
    rules_digest: str = ""
    """Differs between two workers that have different rules in force."""
    breakers: dict[str, BreakerTold] = {}
    lag_counts: list[int] = []
    """Deliveries since the start: those whose lag is at most each of `LAG_BOUNDS_S`, and all."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker said last, and how long ago by the clock of the store that kept it."""

    announcement: Announcement
    age_s: float


async def announce(connection: Connection, announcement: Announcement, *, stopped: bool = False) -> None:
    """Write it into the database."""
    await connection.execute(
        _ANNOUNCE,
        announcement.worker_id,
        announcement.started_at,
        announcement.heartbeat_interval_s,
        stopped,
        announcement.lanes,
        msgspec.json.encode(announcement).decode(),
    )


async def forget(connection: Connection, after_s: float = FORGOTTEN_AFTER_S) -> list[str]:
    """Forget workers that were silent for that long; give their ids."""
    return [row["worker_id"] for row in await connection.fetch(_FORGET, after_s)]


async def speak(redis: Any, keys: FleetKeys, announcement: Announcement, deadline_s: float) -> None:
    """Write it into Redis.

    Raises:
        Exception: whatever the driver raises when Redis is away.

    """
    async with within(deadline_s):
        await redis.register_script(_SPEAK)(
            keys=[keys.announcements, keys.seen],
            args=[announcement.worker_id, msgspec.json.encode(announcement), round(FORGOTTEN_AFTER_S)],
        )
        await redis.sadd(FLEETS, keys.books)
        await redis.expire(FLEETS, round(FORGOTTEN_AFTER_S))


async def unspeak(redis: Any, keys: FleetKeys, worker_ids: list[str], deadline_s: float) -> None:
    """Take forgotten workers out of Redis; see `speak` for what it raises."""
    async with within(deadline_s):
        await redis.hdel(keys.announcements, *worker_ids)
        await redis.hdel(keys.seen, *worker_ids)


async def fleets_heard_of(redis: Any, deadline_s: float) -> list[FleetKeys]:
    """Give the fleets that Redis knows, for when the database can't say which is meant. Never raises."""
    try:
        async with within(deadline_s):
            return [FleetKeys(books.decode()) for books in sorted(await redis.smembers(FLEETS))]
    except Exception:  # noqa: BLE001 - drivers raise what they like; then none is known
        return []


async def heard(redis: Any, keys: FleetKeys, deadline_s: float) -> list[Said]:
    """Give what Redis knows; nothing when it is away, and no entry that makes no sense. Never raises."""
    try:
        async with within(deadline_s), redis.pipeline(transaction=True) as calls:
            calls.time()
            calls.hgetall(keys.announcements)
            calls.hgetall(keys.seen)
            (seconds, micros), told, seen = await calls.execute()
        now_ms = seconds * 1_000 + micros / 1_000
        return [
            Said(announcement=announcement, age_s=max(0.0, now_ms - float(seen[name])) / 1_000)
            for name, text in told.items()
            if name in seen and (announcement := understood(text)) is not None
        ]
    except Exception:  # noqa: BLE001 - drivers raise what they like; the database has every worker as well
        return []


def understood(text: bytes | str) -> Announcement | None:
    """Read an announcement; one of another release may not be readable."""
    try:
        return msgspec.json.decode(text, type=Announcement)
    except msgspec.DecodeError:
        return None
