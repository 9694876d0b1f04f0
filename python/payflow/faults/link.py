"""A connection through the proxy: two ends, each of which hands on to the other what it hears."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from payflow.faults.switchboard import Switchboard

HELD_BYTES_MAX = 16 * 1024 * 1024
"""What one direction of one connection may hold; past it the sender has to wait, as on a full link."""

_COMMITS = (b"Q\x00\x00\x00\x0cCOMMIT;\x00", b"Q\x00\x00\x00\x0bCOMMIT\x00")
"""A simple query of PostgreSQL's protocol: type, length, text. A client sends it alone and waits."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class LinkEnd(asyncio.Protocol):
    """One end of a connection: what it hears is said to the other end when its time has come.

    Args:
        board: how bytes pass.
        hears_server: whether this end faces the server; the other one faces the client.

    """

    def __init__(self, board: Switchboard, *, hears_server: bool) -> None:
        self._board = board
        self.hears_server = hears_server
        self._loop = asyncio.get_running_loop()
        self._held: deque[tuple[float, bytes]] = deque()
        self._held_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._commit_unanswered = False
        self.connected = asyncio.Event()
        self.transport: asyncio.Transport | None = None
        self.other: LinkEnd | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the socket."""
        self.transport = cast("asyncio.Transport", transport)
        self._board.ends.add(self)
        self.connected.set()

    def data_received(self, data: bytes) -> None:
        """Hold the bytes until they are due."""
        self._hold(data)
        if self._held_bytes > HELD_BYTES_MAX and self.transport is not None:
            self._paused = True
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the other end, once it has what was said before."""
        del exc
        self._board.ends.discard(self)
        self._hold(b"")

    def join(self, other: LinkEnd) -> None:
        """Say where the bytes go; what came before is handed on now."""
        self.other = other
        self.wake()

    def wake(self) -> None:
        """Hand on what is due, now or later; nothing while the proxy is frozen."""
        if self._timer is None and self._held and self.other is not None and not self._board.frozen:
            self._timer = self._loop.call_at(self._held[0][0], self._hand_on)

    def reset(self) -> None:
        """End both ends at once; what is held is lost, as when a network or its peer dies."""
        for end in (self, self.other):
            if end is not None:
                end.abort()

    def abort(self) -> None:
        """End this end."""
        self._held.clear()
        self._held_bytes = 0
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family != socket.AF_UNIX:
            # No farewell: the peer hears RST.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()

    def _hold(self, data: bytes) -> None:
        self._held.append((self._loop.time() + self._board.half_delay_s, data))
        self._held_bytes += len(data)
        self.wake()

    def _hand_on(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._held and self._held[0][0] <= now and not self._board.frozen:
            _, data = self._held.popleft()
            self._held_bytes -= len(data)
            self._pass(data)
        if self._paused and self._held_bytes <= HELD_BYTES_MAX // 2 and self.transport is not None:
            self._paused = False
            self.transport.resume_reading()
        self.wake()

    def _pass(self, data: bytes) -> None:
        """Say one piece to the other end, unless a switch has it otherwise."""
        other = self.other.transport if self.other is not None else None
        if other is None or other.is_closing():
            return
        if not data:
            other.close()
        elif self.hears_server:
            self._answer(data, other)
        else:
            self._ask(data, other)

    def _ask(self, data: bytes, other: asyncio.Transport) -> None:
        if data.endswith(_COMMITS):
            if self._board.strikes("lost_commits"):
                self.reset()
                return
            if self.other is not None and self._board.strikes("unanswered_commits"):
                self.other._commit_unanswered = True  # noqa: SLF001 - the two ends are one connection
        other.write(data)

    def _answer(self, data: bytes, other: asyncio.Transport) -> None:
        if self._commit_unanswered:
            self.reset()
        elif len(data) > 1 and self._board.strikes("torn_replies"):
            other.write(data[: len(data) // 2])
            if self.other is not None:
                # What was said of it must arrive: a reset would take it back.
                other.close()
            self.abort()
        else:
            other.write(data)
