"""The embedded Valkey holds marks in memory within a bound, and nothing on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psutil
import redis
from payflow.embedded import EmbeddedValkey

if TYPE_CHECKING:
    from payflow.embedded import DataDirectory


def connect(valkey: EmbeddedValkey) -> Any:
    return redis.Redis.from_url(valkey.endpoint)


def test_it_answers_within_its_bound_of_memory(directory: DataDirectory) -> None:
    valkey = EmbeddedValkey(directory, memory_mib=32)
    valkey.start()
    with connect(valkey) as client:
        client.set("mark", "1", ex=60)
        assert client.get("mark") == b"1"
        assert client.config_get("maxmemory")["maxmemory"] == str(32 * 1024 * 1024)
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "volatile-ttl"
        assert client.config_get("save")["save"] == ""
    valkey.stop()


def test_stopped_it_is_gone_and_it_starts_again_empty(directory: DataDirectory) -> None:
    valkey = EmbeddedValkey(directory)
    valkey.start()
    (pid,) = valkey.pids()
    with connect(valkey) as client:
        client.set("mark", "1")
    valkey.stop()
    assert not psutil.pid_exists(pid)
    assert not valkey.healthy()
    valkey.start()
    with connect(valkey) as client:
        assert client.get("mark") is None
    valkey.stop()
