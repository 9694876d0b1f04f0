"""What `payflow bench api` asks, a function a question; each gives its figures."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from websockets.asyncio.client import connect as open_socket

from payflow.bench.api.asks import PREFIX, list_filters, mixed
from payflow.bench.api.connection import Connection
from payflow.bench.api.load import REQUEST_TIMEOUT_S, as_fast_as_it_goes, at_rate, quantiles
from payflow.bench.failure import BenchFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.bench.api.asks import Caller, Known

WARM_UP_S = 3.0
PAGES = 500
PAGE_ROWS = 50
SEEN_TIMEOUT_S = 10.0


async def mixed_reads(
    caller: Caller, known: Known, rate: float, seconds: float, connections: int
) -> dict[str, Any]:
    """Time reads that come at a steady rate, whatever the answers do."""
    asks = mixed(caller, known)
    random.Random(1).shuffle(asks)  # noqa: S311 - the same order each time
    await at_rate(caller.place, asks, rate, WARM_UP_S, connections)
    answers = await at_rate(caller.place, asks, rate, seconds, connections)
    return {"rate": rate, "seconds": seconds, **answers.figures()}


async def cached_list(caller: Caller, seconds: float, connections: int) -> dict[str, Any]:
    """Count how often one process answers the same list."""
    asks = [caller.ask("/transactions", {"limit": str(PAGE_ROWS)})]
    await as_fast_as_it_goes(caller.place, asks, WARM_UP_S, connections)
    answers = await as_fast_as_it_goes(caller.place, asks, seconds, connections)
    return {"seconds": seconds, "connections": connections, **answers.figures()}


async def pages(caller: Caller, known: Known, rounds: int, advance: Callable[[int], None]) -> dict[str, Any]:
    """Hold the 500th page of a list against its first, under each filter of the console.

    Each page is asked for anew, past the response cache, `rounds` times.
    """
    connection = await Connection.open(*caller.place)
    found: dict[str, dict[str, Any]] = {}
    try:
        for name, query in list_filters(known):
            cursor, at_page = await _walk(connection, caller, query)
            first = await _timed(connection, caller, query, rounds)
            last = await _timed(connection, caller, query | ({"cursor": cursor} if cursor else {}), rounds)
            found[name] = {
                "page": at_page,
                "first_ms": quantiles(first),
                "last_ms": quantiles(last),
                "ratio_p50": round(quantiles(last)["p50"] / quantiles(first)["p50"], 2),
            }
            advance(1)
    finally:
        connection.close()
    return {
        "rounds": rounds,
        "filters": found,
        "p99_ms_max": max(max(row["first_ms"]["p99"], row["last_ms"]["p99"]) for row in found.values()),
        "ratio_max": max(row["ratio_p50"] for row in found.values() if row["page"] > 1),
    }


async def _walk(connection: Connection, caller: Caller, query: dict[str, str]) -> tuple[str | None, int]:
    """Go to page 500, or to the last one there is; give its cursor and number."""
    cursor: str | None = None
    for page in range(1, PAGES):
        asked = query | {"limit": str(PAGE_ROWS)} | ({"cursor": cursor} if cursor else {})
        following = orjson.loads(await _read(connection, caller, asked))["next_cursor"]
        if following is None:
            return cursor, page
        cursor = following
    return cursor, PAGES


async def _timed(connection: Connection, caller: Caller, query: dict[str, str], rounds: int) -> list[float]:
    lags_ms = []
    for number in range(rounds):
        # Another page size each time is another entry of the response cache: the database is asked.
        asked = query | {"limit": str(PAGE_ROWS - 1 - number)}
        began_s = time.perf_counter()
        await _read(connection, caller, asked)
        lags_ms.append((time.perf_counter() - began_s) * 1_000)
    return sorted(lags_ms)


async def _read(connection: Connection, caller: Caller, query: dict[str, str]) -> bytes:
    reply = await connection.ask(caller.ask("/transactions", query).request, REQUEST_TIMEOUT_S)
    if reply.status != 200:  # noqa: PLR2004 - HTTP
        raise BenchFailed(f"the list of payments answered {reply.status}: {reply.body[:300]!r}")
    return reply.body


async def visible(
    caller: Caller, known: Known, writes: int, advance: Callable[[int], None]
) -> dict[str, Any]:
    """Time writes until they are on a dashboard that is open elsewhere."""
    connection = await Connection.open(*caller.place)
    ticket = orjson.loads((await _write(connection, caller, "POST", "/stream/ticket", None, {})).body)[
        "ticket"
    ]
    url = f"ws://{caller.host}:{caller.port}{PREFIX}/stream?ticket={quote(ticket)}&topics=payments,alerts"
    lags_ms = []
    async with open_socket(url, open_timeout=SEEN_TIMEOUT_S) as stream:
        seen: asyncio.Queue[tuple[float, dict[str, Any]]] = asyncio.Queue(10_000)

        async def look() -> None:
            async for frame in stream:
                seen.put_nowait((time.monotonic(), orjson.loads(frame)))

        looking = asyncio.create_task(look())
        try:
            # What is written before the stream has begun is on the page that the dashboard reads, not in it.
            await _told(seen, lambda frame: frame["type"] == "hello")
            for number in range(writes):
                payment_id = known.payment_ids[number % len(known.payment_ids)]
                began_s = await _raise_alert(connection, caller, payment_id)
                seen_s = await _told(seen, partial(_is_of, payment_id))
                lags_ms.append((seen_s - began_s) * 1_000)
                advance(1)
        finally:
            looking.cancel()
            connection.close()
    return {"writes": writes, "latency_ms": quantiles(sorted(lags_ms))}


async def _raise_alert(connection: Connection, caller: Caller, payment_id: str) -> float:
    body = {"severity": "info", "title": "bench", "description": "bench", "payment_id": payment_id}
    began_s = time.monotonic()
    await _write(connection, caller, "POST", "/alerts", body, {"Idempotency-Key": uuid.uuid4().hex})
    return began_s


async def _write(
    connection: Connection,
    caller: Caller,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    headers: dict[str, str],
) -> Any:
    request = caller.write(method, path, b"" if body is None else orjson.dumps(body), headers).request
    reply = await connection.ask(request, REQUEST_TIMEOUT_S)
    if reply.status >= 400:  # noqa: PLR2004 - HTTP
        raise BenchFailed(f"{method} {path} answered {reply.status}: {reply.body[:300]!r}")
    return reply


async def _told(
    frames: asyncio.Queue[tuple[float, dict[str, Any]]], wanted: Callable[[dict[str, Any]], bool]
) -> float:
    """Wait for a frame; give when it came.

    Raises:
        BenchFailed: it did not come in time.

    """
    try:
        async with asyncio.timeout(SEEN_TIMEOUT_S):
            while True:
                at_s, frame = await frames.get()
                if wanted(frame):
                    return at_s
    except TimeoutError:
        raise BenchFailed(f"the stream did not tell what was written within {SEEN_TIMEOUT_S:g} s") from None


def _is_of(payment_id: str, frame: dict[str, Any]) -> bool:
    return bool(frame.get("data", {}).get("payment_id") == payment_id)
