"""Workers are seen by what they say, as dead when they fall silent, and forgotten after a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.fleet import FleetState, Limits, announce, forget, order, read_fleet, read_orders, set_limits
from payflow.fleet.announcing import heard, speak, unspeak

from tests.integration.fleet.conftest import DEADLINE_S, NOW, announcement, say

if TYPE_CHECKING:
    from payflow.embedded import EmbeddedValkey
    from payflow.fleet import Channel
    from payflow.ledger.pool import Connection


async def test_a_worker_is_seen_with_what_it_said(connection: Connection, channel: Channel) -> None:
    await say(connection, channel, in_hand=7, revision=3)
    (worker,) = (await read_fleet(connection, channel)).workers
    assert (worker.worker_id, worker.alive, worker.state, worker.in_hand) == (
        "worker:a:1",
        True,
        "running",
        7,
    )
    assert worker.ordered is None


async def test_silence_makes_a_worker_dead_and_an_end_does_not(
    connection: Connection, channel: Channel
) -> None:
    await say(connection, channel, worker_id="worker:a:1", silent_for_s=14.0)
    await say(connection, channel, worker_id="worker:b:1", silent_for_s=16.0)
    await say(connection, channel, worker_id="worker:c:1", silent_for_s=16.0, state="stopped")
    fleet = await read_fleet(connection, channel)
    found = {worker.worker_id: (worker.state, worker.alive) for worker in fleet.workers}
    assert found == {
        "worker:a:1": ("running", True),
        "worker:b:1": ("dead", False),
        "worker:c:1": ("stopped", False),
    }
    assert [worker.worker_id for worker in fleet.live] == ["worker:a:1"]
    assert (await read_orders(connection, "w")).workers_live == 1


async def test_the_younger_words_count_wherever_they_are(connection: Connection, channel: Channel) -> None:
    """The database stands still during an outage, Redis after a flush: each fills in for the other."""
    await say(connection, channel, in_hand=1, silent_for_s=100.0)
    await speak(channel.redis, channel.keys, announcement(in_hand=2), DEADLINE_S)
    (worker,) = (await read_fleet(connection, channel)).workers
    assert (worker.in_hand, worker.alive) == (2, True)
    await channel.redis.flushall()
    (worker,) = (await read_fleet(connection, channel)).workers
    assert (worker.in_hand, worker.alive) == (1, False)
    await announce(connection, announcement(in_hand=3))
    (worker,) = (await read_fleet(connection, channel)).workers
    assert (worker.in_hand, worker.alive) == (3, True)


async def test_the_fleet_is_read_without_redis(
    connection: Connection, channel: Channel, valkey: EmbeddedValkey
) -> None:
    await say(connection, channel)
    valkey.stop()
    assert [worker.alive for worker in (await read_fleet(connection, channel)).workers] == [True]
    assert [worker.alive for worker in (await read_fleet(connection, None)).workers] == [True]


async def test_what_makes_no_sense_in_redis_is_passed_over(connection: Connection, channel: Channel) -> None:
    await say(connection, channel)
    await channel.redis.hset(channel.keys.announcements, "worker:x:1", b"{")
    await channel.redis.hset(channel.keys.seen, "worker:x:1", b"1")
    await channel.redis.hset(channel.keys.announcements, "worker:y:1", b"{}")
    assert len((await read_fleet(connection, channel)).workers) == 1
    await channel.redis.set(channel.keys.seen, b"no hash")
    assert len((await read_fleet(connection, channel)).workers) == 1


async def test_workers_are_forgotten_after_a_day(connection: Connection, channel: Channel) -> None:
    await say(connection, channel, worker_id="worker:a:1", silent_for_s=86_399)
    await say(connection, channel, worker_id="worker:b:1", silent_for_s=86_401)
    gone = await forget(connection)
    assert gone == ["worker:b:1"]
    assert [w.worker_id for w in (await read_fleet(connection, channel)).workers] == ["worker:a:1"], (
        "Redis does not bring back whom the database forgot"
    )
    await unspeak(channel.redis, channel.keys, gone, DEADLINE_S)
    said = await heard(channel.redis, channel.keys, DEADLINE_S)
    assert [words.announcement.worker_id for words in said] == ["worker:a:1"]


async def test_a_heartbeat_leaves_what_was_ordered_of_the_worker(
    connection: Connection, channel: Channel
) -> None:
    await say(connection, channel)
    await order(connection, channel, FleetState.PAUSED, actor="o", now=NOW, worker_id="worker:a:1")
    await announce(connection, announcement(in_hand=5))
    (worker,) = (await read_fleet(connection, channel)).workers
    assert (worker.ordered, worker.in_hand) == ("paused", 5)


async def test_whoever_waits_is_told_of_each_order(connection: Connection, channel: Channel) -> None:
    await set_limits(connection, channel, Limits(rate_per_s=5), actor="o", now=NOW)
    assert await channel.told() == 1
    assert await channel.told() is None, "and only once"
    await order(connection, channel, FleetState.PAUSED, actor="o", now=NOW)
    await order(connection, channel, FleetState.RUNNING, actor="o", now=NOW)
    assert await channel.told() == 3
    await channel.redis.flushall()
    await order(connection, channel, FleetState.PAUSED, actor="o", now=NOW)
    assert await channel.told() == 4, "a stream that was flushed goes on"
    await channel.redis.xadd(channel.keys.orders, {"revision": "many"})
    assert await channel.told() == 0, "what makes no sense is a reason to look all the same"
