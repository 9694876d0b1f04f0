"""The fleet as operators see it: what is ordered, and every worker with what it says of itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from payflow.fleet.announcing import FORGOTTEN_AFTER_S, Announcement, Said, heard, understood
from payflow.fleet.orders import FleetState, Limits
from payflow.fleet.record import DEAD_AFTER_HEARTBEATS, limits_of, statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payflow.fleet.channel import Channel
    from payflow.ledger.pool import Connection

__all__ = ["Fleet", "Worker", "read_announced", "read_fleet"]

_FLEET = statement("fleet")
_WORKERS = statement("workers")


class Worker(Announcement, frozen=True, kw_only=True):
    """One worker, with what is known of it beyond what it says."""

    seen_at: datetime
    alive: bool
    ordered: FleetState | None
    """What it is asked for by name, if anything."""


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """What is ordered, and who is there to obey it."""

    state: FleetState
    exits: bool
    limits: Limits
    revision: int
    changed_by: str
    changed_at: datetime
    note: str
    workers: list[Worker]
    """In the order of their starts; those that ended or fell silent within a day too."""

    @property
    def live(self) -> list[Worker]:
        """The workers that are there."""
        return [worker for worker in self.workers if worker.alive]


async def read_fleet(connection: Connection, channel: Channel | None, *, deadline_s: float = 0.5) -> Fleet:
    """Read the fleet.

    Args:
        connection: reads what is ordered and which workers there are.
        channel: leads to what workers said in Redis, which may be newer; None reads the database alone.
        deadline_s: how long Redis may take.

    """
    ordered = await connection.fetchrow(_FLEET)
    rows = await connection.fetch(_WORKERS)
    said = {row["worker_id"]: words for row in rows if (words := _said(row)) is not None}
    if channel is not None:
        said = newest(said, await heard(channel.redis, channel.keys, deadline_s))
    asked = {row["worker_id"]: row["ordered_state"] for row in rows}
    workers = [_worker(words, asked.get(name), ordered["read_at"]) for name, words in said.items()]
    return Fleet(
        state=FleetState(ordered["state"]),
        exits=ordered["exits"],
        limits=limits_of(ordered),
        revision=ordered["revision"],
        changed_by=ordered["changed_by"],
        changed_at=ordered["changed_at"],
        note=ordered["note"],
        workers=sorted(workers, key=lambda worker: (worker.started_at, worker.worker_id)),
    )


async def read_announced(channel: Channel, now: datetime, *, deadline_s: float = 0.5) -> list[Worker]:
    """Give the workers as Redis alone has them, for when the database is away. Never raises."""
    said = newest({}, await heard(channel.redis, channel.keys, deadline_s))
    workers = [_worker(words, None, now) for words in said.values()]
    return sorted(workers, key=lambda worker: (worker.started_at, worker.worker_id))


def newest(said: dict[str, Said], more: Iterable[Said]) -> dict[str, Said]:
    """Put two stores together: of each worker what is youngest, and none that is forgotten."""
    found = dict(said)
    for words in more:
        name = words.announcement.worker_id
        if words.age_s < FORGOTTEN_AFTER_S and (name not in found or words.age_s < found[name].age_s):
            found[name] = words
    return found


def is_alive(announcement: Announcement, age_s: float) -> bool:
    """Tell whether a worker that said this so long ago is there."""
    return (
        announcement.state != "stopped" and age_s <= announcement.heartbeat_interval_s * DEAD_AFTER_HEARTBEATS
    )


def _said(row: Any) -> Said | None:
    told = understood(row["announcement"])
    return None if told is None else Said(announcement=told, age_s=row["age_s"])


def _worker(said: Said, ordered: str | None, now: datetime) -> Worker:
    told = said.announcement
    alive = is_alive(told, said.age_s)
    fields = {name: getattr(told, name) for name in told.__struct_fields__}
    if not alive and told.state != "stopped":
        fields["state"] = "dead"
    return Worker(
        **fields,
        seen_at=now - timedelta(seconds=said.age_s),
        alive=alive,
        ordered=None if ordered is None else FleetState(ordered),
    )
