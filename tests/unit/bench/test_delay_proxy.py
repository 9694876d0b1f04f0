"""The delaying proxy: bytes arrive, in order, and an end on one side ends the other."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from payflow.bench.delay_proxy import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]

DEADLINE_S = 30.0


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say back what was said, until the other side ends."""
    while chunk := await reader.read(65_536):
        writer.write(chunk)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def through_proxy(delay_ms: float) -> AsyncIterator[Ends]:
    """Connect through a proxy to a server that says back what it hears."""
    # Not pytest's temporary folder: its paths are too long for a socket's address.
    with tempfile.TemporaryDirectory() as place:
        near, far = Path(place) / "near", Path(place) / "far"
        server = await asyncio.start_unix_server(echo, str(far))
        proxy = asyncio.create_task(serve(near, far, delay_ms))
        async with asyncio.timeout(DEADLINE_S):
            while not near.exists():
                await asyncio.sleep(0)
            yield await asyncio.open_unix_connection(str(near))
        proxy.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await proxy
        server.close()


@pytest.mark.parametrize("delay_ms", [0.0, 4.0])
async def test_bytes_come_back_whole_and_in_order(delay_ms: float) -> None:
    said = b"".join(number.to_bytes(4) for number in range(50_000))
    async with through_proxy(delay_ms) as (reader, writer):
        for start in range(0, len(said), 7_001):
            writer.write(said[start : start + 7_001])
            await writer.drain()
        assert await reader.readexactly(len(said)) == said
        writer.close()


async def test_an_answer_waits_for_the_delay() -> None:
    clock = asyncio.get_running_loop().time
    async with through_proxy(40.0) as (reader, writer):
        asked_s = clock()
        writer.write(b"?")
        await reader.readexactly(1)
        # Not a measurement: the proxy's own clock forbids it to answer sooner.
        assert clock() - asked_s >= 0.04
        writer.close()


async def test_the_end_of_one_side_is_the_end_of_the_other() -> None:
    async with through_proxy(1.0) as (reader, writer):
        writer.write(b"last words")
        writer.write_eof()
        assert await reader.read() == b"last words"
        writer.close()
