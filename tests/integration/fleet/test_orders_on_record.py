"""Orders are on record, climb, leave a row of the trail, and are refused whole."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import asyncpg
import pytest
from payflow.fleet import (
    FleetState,
    Limits,
    OrderRefused,
    change_limits,
    order,
    read_fleet,
    read_orders,
    set_limits,
)

from tests.integration.fleet.conftest import NOW, say

if TYPE_CHECKING:
    from payflow.fleet import Channel
    from payflow.ledger.pool import Connection

WHO = "operator:ada"


async def trail(connection: Connection) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        "SELECT action, actor, subject_kind, subject_id, note, details FROM audit_logs ORDER BY audit_id"
    )
    return rows


async def test_a_new_fleet_runs_without_limits(connection: Connection) -> None:
    orders = await read_orders(connection, "worker:a:1")
    assert (orders.revision, orders.state, orders.limits, orders.own) == (0, "running", Limits(), None)
    assert orders.workers_live == 1, "whoever asks is there"


async def test_an_order_climbs_and_leaves_a_row_of_the_trail(
    connection: Connection, channel: Channel
) -> None:
    given = await order(
        connection, channel, FleetState.PAUSED, actor=WHO, now=NOW, note="deploy", correlation_id="c1"
    )
    assert (given.revision, given.told) == (1, True)
    assert (await read_orders(connection, "worker:a:1")).state == "paused"
    (row,) = await trail(connection)
    assert tuple(row)[:5] == ("fleet.paused", WHO, "fleet", "fleet", "deploy")
    assert json.loads(row["details"]) == {"state": "paused", "exits": False, "revision": 1}
    seen = await read_fleet(connection, channel)
    assert (seen.revision, seen.changed_by, seen.changed_at, seen.note) == (1, WHO, NOW, "deploy")


async def test_an_order_to_one_worker_is_its_own(connection: Connection, channel: Channel) -> None:
    await say(connection, channel, worker_id="worker:a:1")
    await say(connection, channel, worker_id="worker:b:1")
    drained = FleetState.DRAINING
    given = await order(connection, channel, drained, actor=WHO, now=NOW, worker_id="worker:a:1", exits=True)
    asked, other = [await read_orders(connection, f"worker:{name}:1") for name in "ab"]
    assert asked.own is not None
    assert (asked.own.state, asked.own.exits, asked.own.revision) == ("draining", True, given.revision)
    assert (other.own, other.state, other.revision) == (None, "running", given.revision)
    assert (await trail(connection))[0]["subject_id"] == "worker:a:1"
    await order(connection, channel, FleetState.RUNNING, actor=WHO, now=NOW, worker_id="worker:a:1")
    assert (await read_orders(connection, "worker:a:1")).own is None


@pytest.mark.parametrize("state", ["stopped", "silent", "unknown"])
async def test_an_order_to_a_worker_that_is_not_there_changes_nothing(
    connection: Connection, channel: Channel, state: str
) -> None:
    if state == "stopped":
        await say(connection, channel, state="stopped")
    if state == "silent":
        await say(connection, channel, silent_for_s=60)
    with pytest.raises(OrderRefused, match="no worker worker:a:1 is live") as refused:
        await order(connection, channel, FleetState.PAUSED, actor=WHO, now=NOW, worker_id="worker:a:1")
    assert refused.value.faults[0][0] == "/worker_id"
    assert (await read_orders(connection, "worker:a:1")).revision == 0
    assert await trail(connection) == []


async def test_only_a_drain_ends_workers(connection: Connection, channel: Channel) -> None:
    with pytest.raises(OrderRefused, match="only a drain"):
        await order(connection, channel, FleetState.PAUSED, actor=WHO, now=NOW, exits=True)


async def test_limits_are_set_whole_and_changed_in_part(connection: Connection, channel: Channel) -> None:
    wanted = Limits(rate_per_s=200, merchants={"m_1": 5.5}, batch_size_max=50)
    given = await set_limits(connection, channel, wanted, actor=WHO, now=NOW, note="bank asked")
    assert (given.limits, (await read_orders(connection, "w")).limits) == (wanted, wanted)
    more = await change_limits(
        connection,
        channel,
        lambda before: Limits(rate_per_s=None, merchants=before.merchants | {"m_2": 1}),
        actor=WHO,
        now=NOW,
    )
    assert more.revision == given.revision + 1
    assert (await read_orders(connection, "w")).limits == Limits(merchants={"m_1": 5.5, "m_2": 1})
    told = [json.loads(row["details"]) for row in await trail(connection)]
    assert told[1]["from"]["rate_per_s"] == 200
    assert told[1]["to"]["rate_per_s"] is None


async def test_changes_at_the_same_time_all_count(
    database_dsn: str, connection: Connection, channel: Channel
) -> None:
    async def add(merchant: str) -> None:
        own = await asyncpg.connect(database_dsn)
        try:
            await change_limits(
                own,
                channel,
                lambda before: Limits(merchants=before.merchants | {merchant: 1}),
                actor=WHO,
                now=NOW,
            )
        finally:
            await own.close()

    await asyncio.gather(*(add(f"m_{number}") for number in range(8)))
    orders = await read_orders(connection, "w")
    assert (len(orders.limits.merchants), orders.revision) == (8, 8)


@pytest.mark.parametrize(
    ("limits", "pointer"),
    [
        (Limits(rate_per_s=0), "/rate_per_s"),
        (Limits(rate_per_s=float("nan")), "/rate_per_s"),
        (Limits(merchants={"m_1": -1}), "/merchants/m_1"),
        (Limits(merchants={"": 1}), "/merchants"),
        (Limits(merchants={f"m_{number}": 1 for number in range(101)}), "/merchants"),
        (Limits(concurrency_max=0), "/concurrency_max"),
        (Limits(batch_size_max=5_001), "/batch_size_max"),
    ],
)
async def test_a_limit_out_of_its_bounds_is_refused_by_name(
    connection: Connection, channel: Channel, limits: Limits, pointer: str
) -> None:
    with pytest.raises(OrderRefused) as refused:
        await set_limits(connection, channel, limits, actor=WHO, now=NOW)
    assert pointer in [fault[0] for fault in refused.value.faults]
    assert (await read_orders(connection, "w")).revision == 0


async def test_more_lanes_than_any_worker_started_are_refused(
    connection: Connection, channel: Channel
) -> None:
    await say(connection, channel, worker_id="worker:a:1", lanes=2)
    await say(connection, channel, worker_id="worker:b:1", lanes=4)
    await say(connection, channel, worker_id="worker:c:1", lanes=16, silent_for_s=60)
    await set_limits(connection, channel, Limits(concurrency_max=4), actor=WHO, now=NOW)
    with pytest.raises(OrderRefused, match="at most 4, the lanes that live workers have started, is 5"):
        await set_limits(connection, channel, Limits(concurrency_max=5), actor=WHO, now=NOW)


async def test_an_order_is_on_record_while_redis_is_away(
    connection: Connection, channel: Channel, valkey: object
) -> None:
    valkey.stop()  # type: ignore[attr-defined]
    given = await order(connection, channel, FleetState.PAUSED, actor=WHO, now=NOW)
    assert (given.revision, given.told) == (1, False)
    assert (await read_orders(connection, "w")).state == "paused"


async def test_an_order_is_part_of_the_callers_transaction(connection: Connection, channel: Channel) -> None:
    whole = connection.transaction()
    await whole.start()
    await order(connection, channel, FleetState.PAUSED, actor=WHO, now=NOW)
    await whole.rollback()
    assert (await read_orders(connection, "w")).state == "running"
    assert await trail(connection) == []
