"""The proxy: bytes arrive in order and not before their time; each switch does what its name says."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from payflow.faults import Switches
from payflow.faults.proxy_process import ProxyServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DEADLINE_S = 30.0
COMMIT = b"Q\x00\x00\x00\x0cCOMMIT;\x00"


class Echo:
    """A server that says back what it hears, and tells when its last client is gone."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.heard = b""
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        # The client may be gone before it has its answer.
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(65_536):
                self.heard += chunk
                writer.write(chunk)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        self.open -= 1
        if not self.open:
            self.ended.set()


class Client:
    """A connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, question: bytes) -> bytes:
        """Say something; give the whole answer, or what came of it before the end."""
        self._writer.write(question)
        with contextlib.suppress(ConnectionError):
            return await self._reader.read(len(question))
        return b""

    async def end(self) -> bytes:
        """Give all that comes until the connection ends."""
        with contextlib.suppress(ConnectionError):
            return await self._reader.read()
        return b""

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


class Through:
    """A proxy before an echo."""

    def __init__(self, proxy: ProxyServer, echo: Echo) -> None:
        self.proxy = proxy
        self.echo = echo
        self.clients: list[Client] = []

    async def connect(self) -> Client:
        if self.proxy.listen.startswith("/"):
            client = Client(*await asyncio.open_unix_connection(self.proxy.listen))
        else:
            host, _, port = self.proxy.listen.rpartition(":")
            client = Client(*await asyncio.open_connection(host, int(port)))
        self.clients.append(client)
        return client


@asynccontextmanager
async def through_proxy(delay_ms: float = 0.0, *, tcp: bool = False) -> AsyncIterator[Through]:
    """Put a proxy before an echo; leaving closes the near ends, and waits until all others are."""
    echo = Echo()
    # Not pytest's temporary folder: its paths are too long for a socket's address.
    with tempfile.TemporaryDirectory() as place:
        near, far = Path(place) / "near", Path(place) / "far"
        listen = "127.0.0.1:0" if tcp else str(near)
        proxy = ProxyServer(listen, str(far), Switches(delay_ms=delay_ms))
        await proxy.open()
        async with await asyncio.start_unix_server(echo.serve, str(far)), asyncio.timeout(DEADLINE_S):
            through = Through(proxy, echo)
            try:
                yield through
            finally:
                for client in through.clients:
                    await client.close()
                while echo.open or proxy.board.ends:  # noqa: ASYNC110 - nothing tells when sockets are closed
                    await asyncio.sleep(0)
                proxy.close()


@pytest.mark.parametrize("tcp", [False, True], ids=["unix", "tcp"])
@pytest.mark.parametrize("delay_ms", [0.0, 4.0])
async def test_bytes_come_back_whole_and_in_order(delay_ms: float, tcp: bool) -> None:
    said = b"".join(number.to_bytes(4) for number in range(50_000))
    async with through_proxy(delay_ms, tcp=tcp) as through:
        client = await through.connect()
        answer = asyncio.create_task(client._reader.readexactly(len(said)))
        for start in range(0, len(said), 7_001):
            client._writer.write(said[start : start + 7_001])
            await client._writer.drain()
        assert await answer == said


async def test_an_answer_waits_for_the_delay() -> None:
    clock = asyncio.get_running_loop().time
    async with through_proxy(40.0) as through:
        client = await through.connect()
        asked_s = clock()
        await client.ask(b"?")
        # Not a measurement: the proxy goes by the same clock, which forbids it to answer sooner.
        assert clock() - asked_s >= 0.04


async def test_what_was_said_before_the_end_still_arrives_and_the_end_after_it() -> None:
    async with through_proxy(4.0) as through:
        client = await through.connect()
        client._writer.write(b"last words")
    assert through.echo.heard == b"last words"


async def test_nothing_passes_a_frozen_proxy_and_all_of_it_after_the_thaw() -> None:
    async with through_proxy() as through:
        before = await through.connect()
        assert await before.ask(b"before") == b"before"
        await through.proxy.turn(Switches(frozen=True))
        meanwhile = await through.connect()
        answers = [
            asyncio.create_task(client.ask(word)) for client, word in ((before, b"old"), (meanwhile, b"new"))
        ]
        done, _ = await asyncio.wait(answers, timeout=0.1)
        assert done == set()
        assert through.echo.heard == b"before"
        await through.proxy.turn(Switches())
        assert await asyncio.gather(*answers) == [b"old", b"new"]


@pytest.mark.parametrize("tcp", [False, True], ids=["unix", "tcp"])
async def test_a_cut_ends_every_connection_on_both_sides_and_takes_new_ones(tcp: bool) -> None:
    async with through_proxy(tcp=tcp) as through:
        clients = [await through.connect() for _ in range(3)]
        for client in clients:
            await client.ask(b"?")
        through.proxy.board.cut()
        assert [await client.end() for client in clients] == [b""] * 3
        await through.echo.ended.wait()
        assert through.proxy.board.counts.cut == 3
        assert await (await through.connect()).ask(b"again") == b"again"


@pytest.mark.parametrize("tcp", [False, True], ids=["unix", "tcp"])
async def test_a_proxy_that_refuses_takes_nobody_and_keeps_whom_it_has(tcp: bool) -> None:
    async with through_proxy(tcp=tcp) as through:
        client = await through.connect()
        await client.ask(b"?")
        await through.proxy.turn(Switches(refusing=True))
        with pytest.raises(ConnectionRefusedError):
            await through.connect()
        assert await client.ask(b"still") == b"still"
        await through.proxy.turn(Switches())
        assert await (await through.connect()).ask(b"new") == b"new"


async def test_a_torn_reply_comes_by_half_and_the_next_one_whole() -> None:
    async with through_proxy() as through:
        await through.proxy.turn(Switches(torn_replies=1))
        torn = await through.connect()
        assert await torn.ask(b"12345678") + await torn.end() == b"1234"
        assert await (await through.connect()).ask(b"12345678") == b"12345678"
        assert through.proxy.board.counts.torn_replies == 1


async def test_a_lost_commit_never_arrives_and_an_unanswered_one_does() -> None:
    async with through_proxy() as through:
        await through.proxy.turn(Switches(lost_commits=1))
        lost = await through.connect()
        assert await lost.ask(b"insert") == b"insert"
        assert await lost.ask(COMMIT) == b""
        assert through.echo.heard == b"insert"
        await through.proxy.turn(Switches(unanswered_commits=1))
        unanswered = await through.connect()
        assert await unanswered.ask(COMMIT) == b""
        assert through.echo.heard == b"insert" + COMMIT
        assert await (await through.connect()).ask(COMMIT) == COMMIT, "each switch strikes once"
        assert (through.proxy.board.counts.lost_commits, through.proxy.board.counts.unanswered_commits) == (
            1,
            1,
        )


async def test_a_connection_to_a_server_that_is_away_is_closed_at_once() -> None:
    with tempfile.TemporaryDirectory() as place:
        proxy = ProxyServer(str(Path(place) / "near"), str(Path(place) / "nobody"), Switches())
        await proxy.open()
        async with asyncio.timeout(DEADLINE_S):
            client = Client(*await asyncio.open_unix_connection(proxy.listen))
            assert await client.end() == b""
            await client.close()
        assert proxy.board.counts.unreachable == 1
        proxy.close()


@pytest.mark.parametrize(
    ("switches", "named"),
    [
        ({"delay_ms": -1}, "delay_ms: must be from 0"),
        ({"delay_ms": "soon"}, "delay_ms: must be from 0"),
        ({"frozen": 1}, "frozen: must be true or false"),
        ({"torn_replies": True}, "torn_replies: must be a number"),
        ({"lost_commits": -1}, "lost_commits: must be a number"),
        ({"cut": True}, "cut: there is no such switch"),
    ],
    ids=str,
)
def test_switches_that_make_no_sense_are_refused_by_name(switches: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Switches.parse(switches)
