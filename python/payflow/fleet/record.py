"""The record of what is ordered: PostgreSQL has it, whatever becomes of Redis."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import msgspec

from payflow.fleet.orders import FleetState, Limits, OrderRefused, Orders, OwnOrder
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payflow.fleet.channel import Channel
    from payflow.ledger.pool import Connection

__all__ = [
    "DEAD_AFTER_HEARTBEATS",
    "Ordered",
    "change_limits",
    "order",
    "read_orders",
    "set_limits",
    "statement",
]

DEAD_AFTER_HEARTBEATS: Final = 5
"""A worker that has been silent for so many of its own heartbeats is taken for dead."""

_ACTIONS: Final = {
    FleetState.RUNNING: "fleet.resumed",
    FleetState.PAUSED: "fleet.paused",
    FleetState.DRAINING: "fleet.drained",
}


def statement(name: str) -> str:
    """Read a statement of this package."""
    return (files("payflow.fleet") / "sql" / f"{name}.sql").read_text()


_ORDERS = statement("orders")
_ORDER_FLEET = statement("order_fleet")
_ORDER_WORKER = statement("order_worker")
_LIMIT_FLEET = statement("limit_fleet")
_LIMITS_LOCKED = statement("limits_locked")
_LANES_MOST = statement("lanes_most")


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is on record."""

    revision: int
    """A worker that tells this revision, or a later one, obeys it."""
    told: bool
    """Whether Redis passed it on. If not, workers find it at their next look into the database."""
    limits: Limits | None = None
    """The limits as they are from now on, if they were changed."""


async def read_orders(connection: Connection, worker_id: str) -> Orders:
    """Read what is ordered of one worker."""
    row = await connection.fetchrow(_ORDERS, worker_id, float(DEAD_AFTER_HEARTBEATS))
    own = None
    if row["ordered_state"] is not None:
        own = OwnOrder(
            state=FleetState(row["ordered_state"]),
            exits=row["ordered_exits"],
            revision=row["ordered_revision"],
        )
    return Orders(
        revision=row["revision"],
        state=FleetState(row["state"]),
        exits=row["exits"],
        state_revision=row["state_revision"],
        limits=limits_of(row),
        own=own,
        workers_live=max(row["workers_live"], 1),
    )


async def order(
    connection: Connection,
    channel: Channel | None,
    state: FleetState,
    *,
    actor: str,
    now: datetime,
    worker_id: str | None = None,
    exits: bool = False,
    note: str = "",
    correlation_id: str | None = None,
) -> Ordered:
    """Ask the fleet, or one worker, to run, to pause or to drain.

    A worker does the stricter of what the fleet and what itself is asked for: resuming the fleet leaves a
    worker paused that was paused by name, and the other way round.

    Args:
        connection: writes it, and a row of the trail, in one transaction, or as part of the caller's own.
        channel: passes it on to the workers; without, they find it when they look by themselves.
        state: what is asked for.
        actor: who asks, as the trail names people.
        now: the time in UTC.
        worker_id: the worker that is meant; all of them without.
        exits: whether drained workers end. Only with `DRAINING`.
        note: why.
        correlation_id: of the request that asked for it.

    Raises:
        OrderRefused: no such worker is live, or the order makes no sense; nothing was changed.

    """
    if exits and state is not FleetState.DRAINING:
        raise OrderRefused(("/exits", f"exits: only a drain ends workers, this asks for {state}"))
    async with connection.transaction():
        if worker_id is None:
            revision = await connection.fetchval(_ORDER_FLEET, state, exits, actor, now, note)
        else:
            own = None if state is FleetState.RUNNING else state
            revision = await connection.fetchval(
                _ORDER_WORKER, worker_id, own, exits, actor, now, note, float(DEAD_AFTER_HEARTBEATS)
            )
        if revision is None:
            raise OrderRefused(("/worker_id", f"worker_id: no worker {worker_id} is live"))
        await record_action(
            connection,
            action=_ACTIONS[state],
            actor=actor,
            subject_kind="fleet",
            subject_id=worker_id or "fleet",
            note=note or None,
            details={"state": state, "exits": exits, "revision": revision},
            correlation_id=correlation_id,
            now=now,
        )
    return Ordered(revision=revision, told=await _tell(channel, revision))


async def set_limits(
    connection: Connection,
    channel: Channel | None,
    limits: Limits,
    *,
    actor: str,
    now: datetime,
    note: str = "",
    correlation_id: str | None = None,
) -> Ordered:
    """Hold the fleet to exactly these limits; what they don't name is lifted.

    Raises:
        OrderRefused: a value is out of its bounds, or more lanes are asked for than any worker started.

    """
    return await change_limits(
        connection, channel, lambda _: limits, actor=actor, now=now, note=note, correlation_id=correlation_id
    )


async def change_limits(
    connection: Connection,
    channel: Channel | None,
    change: Callable[[Limits], Limits],
    *,
    actor: str,
    now: datetime,
    note: str = "",
    correlation_id: str | None = None,
) -> Ordered:
    """Make new limits of those in force, while nobody else can.

    Raises:
        OrderRefused: see `set_limits`.

    """
    async with connection.transaction():
        before = limits_of(await connection.fetchrow(_LIMITS_LOCKED))
        limits = change(before)
        limits.check()
        await _refuse_more_lanes_than_started(connection, before, limits)
        revision = await connection.fetchval(
            _LIMIT_FLEET,
            limits.rate_per_s,
            msgspec.json.encode(limits.merchants).decode(),
            limits.concurrency_max,
            limits.batch_size_max,
            actor,
            now,
            note,
        )
        await record_action(
            connection,
            action="fleet.limited",
            actor=actor,
            subject_kind="fleet",
            subject_id="fleet",
            note=note or None,
            details={"from": before, "to": limits, "revision": revision},
            correlation_id=correlation_id,
            now=now,
        )
    return Ordered(revision=revision, told=await _tell(channel, revision), limits=limits)


def limits_of(row: Any) -> Limits:
    """Take the limits out of a row that has them."""
    return Limits(
        rate_per_s=row["rate_per_s"],
        merchants=msgspec.json.decode(row["merchant_rates"], type=dict[str, float]),
        batch_size_max=row["batch_size_max"],
        concurrency_max=row["concurrency_max"],
    )


async def _refuse_more_lanes_than_started(connection: Connection, before: Limits, limits: Limits) -> None:
    """Lanes are started with the worker: a limit above them would be a promise that nobody can keep."""
    asked = limits.concurrency_max
    if asked is None or asked == before.concurrency_max:
        return
    most = await connection.fetchval(_LANES_MOST, float(DEAD_AFTER_HEARTBEATS))
    if most is not None and asked > most:
        rule = (
            f"concurrency_max: must be at most {most}, the lanes that live workers have started, "
            f"is {asked}; start workers with PAYFLOW_QUEUE_LANES={asked} for more"
        )
        raise OrderRefused(("/concurrency_max", rule))


async def _tell(channel: Channel | None, revision: int) -> bool:
    return channel is not None and await channel.tell(revision)
