"""Faults of Valkey: its process, its network, its memory, its role."""

from __future__ import annotations

import signal
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from redis import Redis

from payflow.drill.strikes.strike import Network, bring_up, signal_all

if TYPE_CHECKING:
    from payflow.drill.plan import Injection
    from payflow.embedded import EmbeddedServer
    from payflow.faults import FaultProxy

_ENDING: Final = ("killed",)
_SLOW_MS: Final = 150.0
_ORDER_TIMEOUT_S: Final = 10.0
_NOBODY: Final = ("127.0.0.1", 1)
"""A primary that is not there: its replica answers reads and refuses writes."""


class ValkeyStrikes:
    """The lane of Valkey.

    Args:
        server: the server.
        proxy: the network before it.
        url: leads past the proxy.

    """

    def __init__(self, server: EmbeddedServer, proxy: FaultProxy, url: str) -> None:
        self._server = server
        self._network = Network(proxy)
        self._struck = False
        self._ended = False
        self._url = url
        self._limits: dict[str, str] = {}

    def begin(self, injection: Injection) -> None:
        """See `Strikes.begin`."""
        name = injection.kind.name
        self._struck, self._ended = True, name in _ENDING
        if name == "killed":
            signal_all(self._server, signal.SIGKILL)
        elif name == "frozen":
            signal_all(self._server, signal.SIGSTOP)
        elif name == "cut":
            self._network.cut()
        elif name == "torn":
            self._network.turn(torn_replies=injection.shots or 0)
        elif name == "slow":
            self._network.turn(delay_ms=_SLOW_MS)
        else:
            with closing(self._client()) as redis:
                self._order(redis, name)

    def end(self, injection: Injection) -> str:
        """See `Strikes.end`."""
        struck = self._network.clear()
        self._restore()
        return f"{struck} answers" if injection.shots else ""

    def tend(self) -> None:
        """See `Strikes.tend`."""
        if not self._struck:
            bring_up(self._server, ended=False)

    def heal(self) -> None:
        """See `Strikes.heal`."""
        self._network.clear()
        self._restore()

    def _order(self, redis: Any, name: str) -> None:
        if name == "flushed":
            redis.flushall()
            redis.script_flush()
        elif name == "read_only":
            redis.replicaof(*_NOBODY)
        elif name == "memory_full":
            self._limits = redis.config_get("maxmemory*")
            redis.config_set("maxmemory-policy", "noeviction")
            redis.config_set("maxmemory", 1)
        else:
            raise ValueError(f"valkey.{name}: no such fault of Valkey")

    def _restore(self) -> None:
        signal_all(self._server, signal.SIGCONT)
        bring_up(self._server, ended=self._ended)
        self._struck = self._ended = False
        with closing(self._client()) as redis:
            redis.replicaof("NO", "ONE")
            for name in ("maxmemory", "maxmemory-policy"):
                if name in self._limits:
                    redis.config_set(name, self._limits[name])
        self._limits = {}

    def _client(self) -> Any:
        return Redis.from_url(self._url, socket_timeout=_ORDER_TIMEOUT_S, decode_responses=True)
