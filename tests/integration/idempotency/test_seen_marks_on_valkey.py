"""Marks on a real server, in health and in every kind of trouble: slower, never wrong, never raising."""

from hashlib import blake2b

import pytest
from conftest import Clock, Valkey
from redis.asyncio import Redis, RedisCluster

from payflow.idempotency import SeenMarks, SeenOptions, connect
from payflow.idempotency.seen_marks import KEYS_PER_CALL_MAX

BATCH = 40


def batch(count: int = BATCH) -> tuple[list[bytes], list[bytes]]:
    keys = [b"pf:{%x}:%022d" % (number % 16, number) for number in range(count)]
    return keys, [blake2b(key, digest_size=16).digest() for key in keys]


KEYS, FINGERPRINTS = batch()
ALL = list(range(BATCH))


async def test_an_event_is_unseen_until_it_is_marked(marks: SeenMarks) -> None:
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL
    await marks.mark(KEYS[:10], FINGERPRINTS[:10])
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL[10:]
    stats = marks.stats()
    assert (stats.checked, stats.seen, stats.marked) == (2 * BATCH, 10, 10)
    assert not any(stats.failures.values())


async def test_an_empty_batch_asks_nothing(marks: SeenMarks, redis: Redis) -> None:
    assert await marks.unseen([], []) == []
    await marks.mark([], [])
    assert (await redis.info("commandstats")).keys() <= {"cmdstat_info", "cmdstat_client|setinfo", "cmdstat_hello"}


async def test_a_batch_is_one_call_each_way(marks: SeenMarks, redis: Redis) -> None:
    await marks.mark(KEYS, FINGERPRINTS)
    await marks.unseen(KEYS, FINGERPRINTS)
    await redis.config_resetstat()
    await marks.unseen(KEYS, FINGERPRINTS)
    await marks.mark(KEYS, FINGERPRINTS)
    assert (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"] == 2


async def test_a_batch_above_the_bound_is_cut_and_complete(marks: SeenMarks) -> None:
    keys, fingerprints = batch(2 * KEYS_PER_CALL_MAX + 1)
    await marks.mark(keys[1:], fingerprints[1:])
    assert await marks.unseen(keys, fingerprints) == [0]


async def test_a_mark_lives_for_its_lifetime(valkey: Valkey, redis: Redis, clock: Clock) -> None:
    client = connect(valkey.url, deadline_s=10)
    await SeenMarks(client, SeenOptions(ttl_s=77, deadline_s=10), clock).mark(KEYS[:1], FINGERPRINTS[:1])
    await client.aclose()
    assert 70 <= await redis.ttl(KEYS[0]) <= 77


async def test_a_mark_of_another_payload_is_no_mark(marks: SeenMarks) -> None:
    await marks.mark(KEYS, FINGERPRINTS)
    assert await marks.unseen(KEYS[:2], [FINGERPRINTS[1], FINGERPRINTS[1]]) == [0]


async def test_a_lying_mark_is_put_right_by_the_next_commit(marks: SeenMarks, redis: Redis) -> None:
    await redis.mset({key: b"another payload!" for key in KEYS})
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL
    await marks.mark(KEYS, FINGERPRINTS)
    assert await marks.unseen(KEYS, FINGERPRINTS) == []


@pytest.mark.parametrize("value", [b"", b"\0", FINGERPRINTS[0][:15], FINGERPRINTS[0] + b"x", b"x" * 100_000])
async def test_a_value_that_is_no_fingerprint_is_no_mark(marks: SeenMarks, redis: Redis, value: bytes) -> None:
    await redis.set(KEYS[0], value)
    assert await marks.unseen(KEYS[:1], FINGERPRINTS[:1]) == [0]


async def test_a_key_of_another_type_is_no_mark_and_is_replaced(marks: SeenMarks, redis: Redis) -> None:
    await redis.lpush(KEYS[0], b"x")
    await redis.hset(KEYS[1], b"x", b"y")
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL
    await marks.mark(KEYS, FINGERPRINTS)
    assert await marks.unseen(KEYS, FINGERPRINTS) == []


async def test_a_flushed_server_knows_nothing_and_learns_again(marks: SeenMarks, redis: Redis) -> None:
    await marks.mark(KEYS, FINGERPRINTS)
    await redis.flushall()
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL
    await marks.mark(KEYS, FINGERPRINTS)
    assert await marks.unseen(KEYS, FINGERPRINTS) == []


async def test_forgotten_scripts_are_sent_again(marks: SeenMarks, redis: Redis) -> None:
    await marks.mark(KEYS, FINGERPRINTS)
    await redis.script_flush()
    assert await marks.unseen(KEYS, FINGERPRINTS) == []
    await redis.script_flush()
    await marks.mark(KEYS, FINGERPRINTS)
    assert not any(marks.stats().failures.values())


async def test_a_killed_server_knows_nothing_until_it_is_back(
    marks: SeenMarks, valkey: Valkey, clock: Clock
) -> None:
    await marks.mark(KEYS, FINGERPRINTS)
    valkey.kill()
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL
    assert marks.stats().failures["connection"] == 1
    assert valkey.start()
    clock.now_s += 1
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL
    await marks.mark(KEYS, FINGERPRINTS)
    assert await marks.unseen(KEYS, FINGERPRINTS) == []
    assert sum(marks.stats().failures.values()) == 1


async def test_a_server_that_never_was_costs_one_attempt_in_a_hold_off(
    valkey: Valkey, clock: Clock
) -> None:
    valkey.kill()
    client = connect(valkey.url, deadline_s=10)
    marks = SeenMarks(client, SeenOptions(deadline_s=10), clock)
    for _ in range(5):
        assert await marks.unseen(KEYS, FINGERPRINTS) == ALL
        await marks.mark(KEYS, FINGERPRINTS)
    assert marks.stats().failures["connection"] == 1
    assert marks.stats().held_off_calls == 9
    await client.aclose()


async def test_a_frozen_server_costs_one_deadline_in_a_hold_off_and_never_an_old_answer(
    valkey: Valkey, clock: Clock
) -> None:
    client = connect(valkey.url, deadline_s=10)
    await SeenMarks(client, SeenOptions(deadline_s=10), clock).mark(KEYS[:20], FINGERPRINTS[:20])
    marks = SeenMarks(client, SeenOptions(deadline_s=0.05), clock)
    valkey.freeze()
    for _ in range(5):
        assert await marks.unseen(KEYS[:20], FINGERPRINTS[:20]) == ALL[:20]
    assert marks.stats().failures["deadline"] == 1
    assert marks.stats().held_off_calls == 4
    clock.now_s += 1
    assert await marks.unseen(KEYS[:20], FINGERPRINTS[:20]) == ALL[:20]
    assert marks.stats().failures["deadline"] == 2

    valkey.thaw()
    patient = SeenMarks(client, SeenOptions(deadline_s=10), clock)
    # The answers to the calls that were given up must not be taken for those to the next ones.
    assert await patient.unseen(KEYS[20:], FINGERPRINTS[20:]) == ALL[:20]
    assert await patient.unseen(KEYS[:20], FINGERPRINTS[:20]) == []
    await client.aclose()


async def test_a_read_only_server_is_still_asked(marks: SeenMarks, redis: Redis, clock: Clock) -> None:
    await marks.mark(KEYS[:10], FINGERPRINTS[:10])
    await redis.replicaof("127.0.0.1", "1")
    await marks.mark(KEYS, FINGERPRINTS)
    await marks.mark(KEYS, FINGERPRINTS)
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL[10:]
    assert (marks.stats().failures["refused"], marks.stats().held_off_calls) == (1, 1)
    await redis.replicaof("NO", "ONE")
    clock.now_s += 1
    await marks.mark(KEYS, FINGERPRINTS)
    assert await marks.unseen(KEYS, FINGERPRINTS) == []


async def test_a_full_server_is_still_asked(marks: SeenMarks, redis: Redis, clock: Clock) -> None:
    await marks.mark(KEYS[:10], FINGERPRINTS[:10])
    await redis.config_set("maxmemory", 1)
    await marks.mark(KEYS, FINGERPRINTS)
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL[10:]
    assert marks.stats().failures["refused"] == 1
    await redis.config_set("maxmemory", 0)
    clock.now_s += 1
    await marks.mark(KEYS, FINGERPRINTS)
    assert await marks.unseen(KEYS, FINGERPRINTS) == []


async def test_a_server_that_wants_a_password_knows_nothing(
    marks: SeenMarks, redis: Redis, clock: Clock
) -> None:
    await marks.mark(KEYS, FINGERPRINTS)
    await redis.config_set("requirepass", "secret")
    await redis.execute_command("CLIENT", "KILL", "TYPE", "NORMAL", "SKIPME", "yes")
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL
    assert sum(marks.stats().failures.values()) == 1


async def test_in_a_cluster_a_batch_is_one_call_for_each_tag(cluster_url: str, clock: Clock) -> None:
    port = cluster_url.rpartition(":")[2]
    async with Redis(host="127.0.0.1", port=int(port)) as node:
        await node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
        while b"cluster_state:ok" not in await node.execute_command("CLUSTER", "INFO"):
            pass
        client = connect(cluster_url, cluster=True, deadline_s=10)
        assert isinstance(client, RedisCluster)
        marks = SeenMarks(client, SeenOptions(deadline_s=10), clock)
        await marks.mark(KEYS[::2], FINGERPRINTS[::2])
        assert await marks.unseen(KEYS, FINGERPRINTS) == ALL[1::2]
        assert not any(marks.stats().failures.values())
        await node.config_resetstat()
        assert await marks.unseen(KEYS, FINGERPRINTS) == ALL[1::2]
        assert (await node.info("commandstats"))["cmdstat_evalsha"]["calls"] == 16
        await client.aclose()
