"""The API on a real port, and readers of its stream."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from payflow.api.run import ApiServer
from websockets.asyncio.client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx
    from websockets.asyncio.client import ClientConnection

    from tests.integration.api.harness import Api

DEADLINE_S = 30.0
SMALL_BYTES = 8_192


class Server:
    """One server with its port."""

    def __init__(self, server: ApiServer, port: int) -> None:
        self._server = server
        self.port = port

    def stop(self) -> None:
        """Ask it to stop, as SIGTERM does."""
        self._server.stop()


@asynccontextmanager
async def serving(api: Api) -> AsyncIterator[Server]:
    """Serve the API on a port of its own, with the settings of `payflow api`."""
    listener = socket.create_server(("127.0.0.1", 0))
    # The kernel would take megabytes off the server's hands before a reader that stands still is felt.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL_BYTES)
    server = ApiServer(api.services, api.app)
    task = asyncio.create_task(server._serve([listener]))
    try:
        yield Server(server, listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task


class Listener:
    """One connection, and what it has heard."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.heard: list[dict[str, Any]] = []

    async def next(self) -> dict[str, Any]:
        """Hear the next message."""
        async with asyncio.timeout(DEADLINE_S):
            message: dict[str, Any] = json.loads(await self.connection.recv())
        self.heard.append(message)
        return message

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Hear until a message is the one."""
        while not holds(message := await self.next()):
            pass
        return message

    async def typed(self, kind: str) -> dict[str, Any]:
        """Hear until a message is of a type."""
        return await self.until(lambda message: message["type"] == kind)

    async def say(self, message: Any) -> None:
        """Say something."""
        await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))


async def ticket_of(client: httpx.AsyncClient) -> str:
    """Get a ticket."""
    answer = await client.post("/stream/ticket")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ticket"])


@asynccontextmanager
async def listening(
    server: Server, ticket: str, *, hello: bool = True, **query: Any
) -> AsyncIterator[Listener]:
    """Connect, and hear hello."""
    address = f"ws://127.0.0.1:{server.port}/api/v1/stream?{urlencode({'ticket': ticket} | query)}"
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BYTES)
    own.setblocking(False)
    await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", server.port))
    async with connect(address, sock=own, compression=None, max_queue=4, proxy=None) as connection:
        listener = Listener(connection)
        if hello:
            assert (await listener.next())["type"] == "hello"
        yield listener
