"""Clients of Redis as the marks need them: quick to give up, because a late answer is worth nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from redis import RedisError
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

__all__ = ["connect", "disconnect"]

# One retry finds a fresh connection where the pooled one was closed; the caller's deadline covers both
# attempts.
_RETRIES: Final = 1


def connect(
    url: str, *, cluster: bool = False, deadline_s: float = 0.1, connections_max: int = 64
) -> Redis | RedisCluster:
    """Make a client for ``SeenMarks``. Connects on first use, and again whenever the connection is lost.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``; a cluster needs one of the first two.
        cluster: whether the server is a node of a Redis Cluster.
        deadline_s: bound on each connection attempt and each reply.
        connections_max: bound on open connections.

    """
    options: dict[str, Any] = {
        "socket_timeout": deadline_s,
        "socket_connect_timeout": deadline_s,
        "retry": Retry(NoBackoff(), _RETRIES),
        "max_connections": connections_max,
        "decode_responses": False,
    }
    if cluster:
        return RedisCluster.from_url(url, **options)
    return Redis.from_url(url, **options)


async def disconnect(client: Any) -> None:
    """Close a client's connections. Never raises: a server that hangs must not make a clean end a failure."""
    with suppress(RedisError, OSError, TimeoutError):
        await client.aclose()
