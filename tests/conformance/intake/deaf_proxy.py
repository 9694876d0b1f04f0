"""A proxy whose connections can go deaf: they stay open, take what is sent, and never answer again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CHUNK_BYTES = 65_536


class DeafProxy:
    """Stands between an intake and its server."""

    def __init__(self, target_url: str) -> None:
        target = urlsplit(target_url)
        self._host, self._port = target.hostname, target.port
        self._hearing: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._hears_new = True
        self.endpoint_url = ""
        self.said_to_the_deaf = 0
        """Bytes that were sent over connections that have gone deaf."""

    @property
    def connections(self) -> int:
        """How many connections are answered."""
        return len(self._hearing)

    def deafen(self, *, new_ones_too: bool = False) -> None:
        """Let every connection so far go deaf, and those to come if wanted."""
        self._hearing.clear()
        self._hears_new = not new_ones_too

    def heal(self) -> None:
        """Answer connections that are made from now on; those that are deaf stay so."""
        self._hears_new = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        if self._hears_new:
            self._hearing.add(writer)
        server_reader, server_writer = await asyncio.open_connection(self._host, self._port)
        answering = asyncio.create_task(self._answer(server_reader, writer))
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                if writer in self._hearing:
                    server_writer.write(chunk)
                else:
                    self.said_to_the_deaf += len(chunk)
        except ConnectionError:
            pass
        finally:
            answering.cancel()
            self._hearing.discard(writer)
            self._tasks.discard(task)
            server_writer.close()
            writer.close()

    async def close(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if writer not in self._hearing:
                return
            writer.write(chunk)


@asynccontextmanager
async def deaf_proxy(target_url: str) -> AsyncIterator[DeafProxy]:
    """Run a proxy on a free port."""
    proxy = DeafProxy(target_url)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.endpoint_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
