"""A proxy between two Unix sockets that hands every byte on later, in order: a network that is far away.

It is a process of its own (`python -m payflow.bench.delay_proxy LISTEN TARGET DELAY_MS`), so that its cost is
told apart from that of worker and servers. Half of the delay lies in each direction.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import sys
from collections import deque
from pathlib import Path
from typing import cast

READY = b"ready\n"
_HELD_BYTES_MAX = 16 * 1024 * 1024
"""What one direction of one connection may hold; past it the sender has to wait, as on a full link."""


class _Direction(asyncio.Protocol):
    """One end of a connection: what it receives is written to the other end when its time has come."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._loop = asyncio.get_running_loop()
        self._held: deque[tuple[float, bytes]] = deque()
        self._held_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self.transport: asyncio.Transport | None = None
        self.other: _Direction | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the socket."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hold the bytes until they are due."""
        self._held.append((self._loop.time() + self._delay_s, data))
        self._held_bytes += len(data)
        if self._held_bytes > _HELD_BYTES_MAX and self.transport is not None:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the other end, once it has what was said before."""
        del exc
        self._held.append((self._loop.time() + self._delay_s, b""))
        self._wake()

    def _wake(self) -> None:
        if self._timer is None and self._held and self.other is not None:
            self._timer = self._loop.call_at(self._held[0][0], self._hand_on)

    def _hand_on(self) -> None:
        self._timer = None
        other = self.other.transport if self.other is not None else None
        now = self._loop.time()
        while self._held and self._held[0][0] <= now:
            _, data = self._held.popleft()
            self._held_bytes -= len(data)
            if other is None or other.is_closing():
                continue
            if data:
                other.write(data)
            else:
                other.close()
        if self._paused and self._held_bytes <= _HELD_BYTES_MAX // 2 and self.transport is not None:
            self._paused = False
            self.transport.resume_reading()
        self._wake()

    def join(self, other: _Direction) -> None:
        """Say where the bytes go; what came before is handed on now."""
        self.other = other
        self._wake()


async def open_proxy(listen: Path, target: Path, delay_ms: float) -> asyncio.Server:
    """Take connections from now on, and join each with one to the target.

    Args:
        listen: the socket to make; its folder decides who may open it.
        target: the socket of the server.
        delay_ms: what a question and its answer take longer together.

    """
    loop = asyncio.get_running_loop()
    half_s = delay_ms / 2_000
    joining: set[asyncio.Task[None]] = set()

    async def join(near: _Direction) -> None:
        try:
            _, far = await loop.create_unix_connection(lambda: _Direction(half_s), str(target))
        except OSError:
            if near.transport is not None:
                near.transport.close()
            return
        near.join(far)
        far.join(near)

    def accept() -> _Direction:
        near = _Direction(half_s)
        task = loop.create_task(join(near))
        joining.add(task)
        task.add_done_callback(joining.discard)
        return near

    return await loop.create_unix_server(accept, str(listen))


async def _serve(listen: Path, target: Path, delay_ms: float) -> None:
    async with await open_proxy(listen, target, delay_ms) as server:
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()
        await server.serve_forever()


def main() -> None:
    """Run the proxy that the command line describes."""
    listen, target, delay_ms = sys.argv[1:]
    # `select` waits to the microsecond; `epoll` rounds up to whole milliseconds, as long as the delays here.
    with (
        contextlib.suppress(KeyboardInterrupt),
        asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner,
    ):
        runner.run(_serve(Path(listen), Path(target), float(delay_ms)))


if __name__ == "__main__":
    main()
