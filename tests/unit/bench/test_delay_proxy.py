"""The delaying proxy: bytes arrive in order and not before their time; an end on one side ends the other."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from payflow.bench.delay_proxy import open_proxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DEADLINE_S = 30.0


class Echo:
    """A server that says back what it hears, and tells when its one client is gone."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.heard = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The client may be gone before it has its answer.
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(65_536):
                self.heard += chunk
                writer.write(chunk)
                await writer.drain()
            writer.close()
            await writer.wait_closed()
        self.ended.set()


@asynccontextmanager
async def through_proxy(
    delay_ms: float,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, Echo]]:
    """Connect to an echo through a proxy; leaving closes the near end, and waits until the echo knows."""
    echo = Echo()
    # Not pytest's temporary folder: its paths are too long for a socket's address.
    with tempfile.TemporaryDirectory() as place:
        near, far = Path(place) / "near", Path(place) / "far"
        async with (
            await asyncio.start_unix_server(echo.serve, str(far)),
            await open_proxy(near, far, delay_ms),
            asyncio.timeout(DEADLINE_S),
        ):
            reader, writer = await asyncio.open_unix_connection(str(near))
            yield reader, writer, echo
            writer.close()
            await writer.wait_closed()
            await echo.ended.wait()


@pytest.mark.parametrize("delay_ms", [0.0, 4.0])
async def test_bytes_come_back_whole_and_in_order(delay_ms: float) -> None:
    said = b"".join(number.to_bytes(4) for number in range(50_000))
    async with through_proxy(delay_ms) as (reader, writer, _):
        answer = asyncio.create_task(reader.readexactly(len(said)))
        for start in range(0, len(said), 7_001):
            writer.write(said[start : start + 7_001])
            await writer.drain()
        assert await answer == said


async def test_an_answer_waits_for_the_delay() -> None:
    clock = asyncio.get_running_loop().time
    async with through_proxy(40.0) as (reader, writer, _):
        asked_s = clock()
        writer.write(b"?")
        await reader.readexactly(1)
        # Not a measurement: the proxy goes by the same clock, which forbids it to answer sooner.
        assert clock() - asked_s >= 0.04


async def test_what_was_said_before_the_end_still_arrives_and_the_end_after_it() -> None:
    async with through_proxy(4.0) as (_, writer, echo):
        writer.write(b"last words")
    assert echo.heard == b"last words"
