"""Faults of PostgreSQL: its processes, its network, its disk."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import TYPE_CHECKING, Final

import asyncpg

from payflow.drill.strikes.strike import Network, bring_up, signal_all
from payflow.faults import WAL_SEGMENT_BYTES, FaultsFailed, limit_file_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.drill.plan import Injection
    from payflow.embedded import EmbeddedServer
    from payflow.faults import FaultProxy

_LOG_STOPS_AT_BYTES: Final = 2**20
"""No segment of the write-ahead log gets past this, whatever else fits."""
_ENDING: Final = ("restarted", "killed")
_SLOW_MS: Final = 50.0
_ORDER_TIMEOUT_S: Final = 10.0
_READY_TIMEOUT_S: Final = 120.0
_POLL_S: Final = 0.05

_NETWORK: Final[dict[str, dict[str, float]]] = {
    "network_frozen": {"frozen": True},
    "unreachable": {"refusing": True},
    "slow": {"delay_ms": _SLOW_MS},
}
_COUNTED: Final = {
    "commits_lost": "lost_commits",
    "commits_unanswered": "unanswered_commits",
    "torn": "torn_replies",
}


class PostgresStrikes:
    """The lane of PostgreSQL.

    Args:
        server: the server.
        proxy: the network before it.
        dsn: leads past the proxy.

    """

    def __init__(self, server: EmbeddedServer, proxy: FaultProxy, dsn: str) -> None:
        self._server = server
        self._network = Network(proxy)
        self._struck = False
        self._ended = False
        self._dsn = dsn
        self._read_only = False

    def begin(self, injection: Injection) -> None:
        """See `Strikes.begin`."""
        name = injection.kind.name
        self._struck, self._ended = True, name in _ENDING
        if name in _NETWORK:
            self._network.turn(**_NETWORK[name])
            if name == "unreachable":
                self._network.cut()
        elif name in _COUNTED:
            self._network.turn(**{_COUNTED[name]: injection.shots or 0})
        else:
            self._direct(injection.kind.slug, name)

    def end(self, injection: Injection) -> str:
        """See `Strikes.end`."""
        struck = self._network.clear()
        self._restore()
        if injection.shots is None:
            return ""
        return f"{struck} {'answers' if injection.kind.name == 'torn' else 'commits'}"

    def tend(self) -> None:
        """See `Strikes.tend`."""
        if not self._struck:
            bring_up(self._server, ended=False)

    def heal(self) -> None:
        """See `Strikes.heal`."""
        self._network.clear()
        self._restore()

    def _direct(self, slug: str, name: str) -> None:
        """Strike the server itself, or all of its connections."""
        strikes: dict[str, Callable[[], None]] = {
            "cut": self._network.cut,
            "restarted": self._server.stop,
            "killed": lambda: signal_all(self._server, signal.SIGKILL),
            "frozen": lambda: signal_all(self._server, signal.SIGSTOP),
            "read_only": lambda: self._allow_writes(allowed=False),
            "disk_full": lambda: limit_file_size(self._server, _LOG_STOPS_AT_BYTES),
            "tables_full": lambda: limit_file_size(self._server, WAL_SEGMENT_BYTES),
        }
        if name not in strikes:
            raise ValueError(f"{slug}: no such fault of PostgreSQL")
        strikes[name]()

    def _restore(self) -> None:
        """Bring the server back, whatever became of it: a full disk may have ended it."""
        signal_all(self._server, signal.SIGCONT)
        limit_file_size(self._server, None)
        bring_up(self._server, ended=self._ended)
        self._until_ready()
        self._struck = self._ended = False
        if self._read_only:
            self._allow_writes(allowed=True)

    def _until_ready(self) -> None:
        """Wait until it takes connections; after a crash of its own it recovers, or goes down after all.

        Raises:
            FaultsFailed: it doesn't come back.

        """
        deadline_s = time.monotonic() + _READY_TIMEOUT_S
        while True:
            bring_up(self._server, ended=False)
            try:
                asyncio.run(self._greet())
            except (OSError, TimeoutError, asyncpg.PostgresError) as error:
                if time.monotonic() > deadline_s:
                    raise FaultsFailed(f"PostgreSQL does not come back: {error}") from error
                time.sleep(_POLL_S)
            else:
                return

    async def _greet(self) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=_ORDER_TIMEOUT_S)
        await connection.close()

    def _allow_writes(self, *, allowed: bool) -> None:
        asyncio.run(self._set_read_only("off" if allowed else "on"))
        self._read_only = not allowed

    async def _set_read_only(self, value: str) -> None:
        connection = await asyncpg.connect(
            self._dsn, timeout=_ORDER_TIMEOUT_S, command_timeout=_ORDER_TIMEOUT_S
        )
        try:
            await connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
            await connection.execute("SELECT pg_reload_conf()")
        finally:
            await connection.close()
