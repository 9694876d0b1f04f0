"""The proxy's own process: `python -m payflow.faults.proxy_process LISTEN TARGET CONTROL DELAY_MS`.

A process of its own, so that its cost is told apart from that of worker and servers, and so that it goes on
while whoever drives it is busy. LISTEN and TARGET are paths of Unix sockets or `host:port`; port 0 takes any
free one. It prints `ready LISTEN` once it takes connections. CONTROL is a Unix socket that takes one JSON
object a line, `{"switches": {...}}`, `{"cut": true}` or `{}`, and answers each with the counts so far.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import selectors
import sys
from typing import Any

from payflow.faults.link import LinkEnd
from payflow.faults.switchboard import Switchboard
from payflow.faults.switches import Switches

READY = b"ready "


class ProxyServer:
    """Takes connections, and joins each with one to the target.

    Args:
        listen: where clients come; its folder decides who may open a socket.
        target: where the server is.
        switches: how bytes pass at first.

    """

    def __init__(self, listen: str, target: str, switches: Switches) -> None:
        self.listen = listen
        self.board = Switchboard(switches)
        self._target = target
        self._server: asyncio.Server | None = None
        self._joining: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Take connections from now on; `listen` then has the real port."""
        loop = asyncio.get_running_loop()
        address = _tcp(self.listen)
        if address is None:
            self._server = await loop.create_unix_server(self._accept, self.listen)
            return
        host, port = address
        self._server = await loop.create_server(self._accept, host, port)
        self.listen = f"{host}:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        """Refuse new connections; those that stand go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def turn(self, switches: Switches) -> None:
        """Put other switches in force."""
        if switches.refusing:
            self.close()
        elif self._server is None:
            await self.open()
        self.board.turn(switches)

    def _accept(self) -> LinkEnd:
        near = LinkEnd(self.board, hears_server=False)
        self.board.counts.accepted += 1
        task = asyncio.get_running_loop().create_task(self._join(near))
        self._joining.add(task)
        task.add_done_callback(self._joining.discard)
        return near

    async def _join(self, near: LinkEnd) -> None:
        loop, address = asyncio.get_running_loop(), _tcp(self._target)

        def make() -> LinkEnd:
            return LinkEnd(self.board, hears_server=True)

        try:
            if address is None:
                _, far = await loop.create_unix_connection(make, self._target)
            else:
                _, far = await loop.create_connection(make, *address)
        except OSError:
            self.board.counts.unreachable += 1
            await near.connected.wait()
            near.abort()
            return
        near.join(far)
        far.join(near)


def _tcp(place: str) -> tuple[str, int] | None:
    """Give host and port; None for the path of a Unix socket."""
    if place.startswith("/"):
        return None
    host, _, port = place.rpartition(":")
    return host, int(port)


async def _obey(server: ProxyServer, order: dict[str, Any]) -> dict[str, Any]:
    try:
        if "switches" in order:
            await server.turn(Switches.parse(order["switches"]))
        if order.get("cut"):
            server.board.cut()
    except (OSError, ValueError) as error:
        return {"refused": str(error)}
    return dataclasses.asdict(server.board.counts)


async def _serve(listen: str, target: str, control: str, delay_ms: str) -> None:
    server = ProxyServer(listen, target, Switches.parse({"delay_ms": float(delay_ms)}))
    await server.open()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(await _obey(server, json.loads(line))).encode() + b"\n")
            await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(converse, control) as orders:
        sys.stdout.buffer.write(READY + server.listen.encode() + b"\n")
        sys.stdout.buffer.flush()
        await orders.serve_forever()


def main() -> None:
    """Run the proxy that the command line describes."""
    listen, target, control, delay_ms = sys.argv[1:]
    # `select` waits to the microsecond; `epoll` rounds up to whole milliseconds, as long as short delays are.
    with (
        contextlib.suppress(KeyboardInterrupt),
        asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner,
    ):
        runner.run(_serve(listen, target, control, delay_ms))


if __name__ == "__main__":
    main()
