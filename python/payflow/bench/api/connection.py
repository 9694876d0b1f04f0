"""One keep-alive HTTP/1.1 connection that costs the measuring process as little as Python can.

A full client would take more time than the server that it measures, on the cores that both share.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

import httptools

from payflow.bench.failure import BenchFailed

CONNECT_TIMEOUT_S = 5.0


@dataclass(slots=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[bytes, bytes] = field(default_factory=dict)
    """By their names in lower case."""
    body: bytes = b""


class Connection(asyncio.Protocol):
    """Asks one thing at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[Reply] | None = None
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []

    @classmethod
    async def open(cls, host: str, port: int) -> Connection:
        """Connect.

        Raises:
            OSError: the server takes no connection.
            TimeoutError: it did not within `CONNECT_TIMEOUT_S`.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, connection = await loop.create_connection(cls, host, port)
        return connection

    async def ask(self, request: bytes, timeout_s: float) -> Reply:
        """Send one whole request and wait for its whole reply.

        Raises:
            BenchFailed: the server closed the connection instead.
            TimeoutError: no reply within `timeout_s`.
        """
        if self._transport is None or self._transport.is_closing():
            raise BenchFailed("the API closed the connection")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(timeout_s):
            return await self._waiting

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)  # create_connection makes no other kind

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(BenchFailed(f"the API closed the connection: {exc or 'no reason'}"))

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Give the reply to who waits for it."""
        reply = Reply(self._parser.get_status_code(), self._headers, b"".join(self._body))
        self._headers, self._body = {}, []
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(reply)
