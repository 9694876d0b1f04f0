"""Loads of HTTP requests: at a rate that the answers don't slow down, or as fast as they come."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from payflow.bench.api.connection import Connection
from payflow.bench.latency import QUANTILES, quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

REQUEST_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, ready to send, and what it is called in the figures."""

    name: str
    request: bytes


@dataclass
class Answers:
    """What came of a load."""

    lags_ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """From the intended sending to the whole reply, by name."""
    statuses: Counter[int] = field(default_factory=Counter)
    took_s: float = 0.0

    @property
    def count(self) -> int:
        """Replies."""
        return sum(self.statuses.values())

    @property
    def refused(self) -> int:
        """Replies of 400 and above."""
        return sum(count for status, count in self.statuses.items() if status >= 400)  # noqa: PLR2004 - HTTP

    def figures(self) -> dict[str, Any]:
        """Give quantiles of all together and of each name, in milliseconds."""
        every = sorted(itertools.chain.from_iterable(self.lags_ms.values()))
        return {
            "requests": self.count,
            "requests_per_s": round(self.count / self.took_s, 1),
            "errors": self.refused,
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "latency_ms": quantiles(every),
            "by_request": {name: quantiles(sorted(lags)) for name, lags in sorted(self.lags_ms.items())},
        }


def quantiles(ordered: list[float]) -> dict[str, float]:
    """Give the quantiles that all benchmarks tell."""
    return {name: round(quantile(ordered, at), 2) for name, at in QUANTILES.items()}


async def at_rate(
    place: tuple[str, int], asks: Sequence[Ask], rate: float, seconds: float, connections: int
) -> Answers:
    """Send in turn what `asks` has, `rate` a second, whatever the answers do.

    A request that finds every connection busy waits for one, and that wait is in its figure.
    """
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        idle.put_nowait(await Connection.open(*place))
    answers, due = Answers(), itertools.cycle(asks)
    began_s = time.monotonic()
    async with asyncio.TaskGroup() as under_way:  # the first failure ends the load
        for number in range(round(rate * seconds)):
            due_s = began_s + number / rate
            if (wait_s := due_s - time.monotonic()) > 0:
                await asyncio.sleep(wait_s)
            under_way.create_task(_timed(idle, next(due), due_s, answers))
    answers.took_s = time.monotonic() - began_s
    while not idle.empty():
        idle.get_nowait().close()
    return answers


async def _timed(idle: asyncio.Queue[Connection], ask: Ask, due_s: float, answers: Answers) -> None:
    connection = await idle.get()
    try:
        reply = await connection.ask(ask.request, REQUEST_TIMEOUT_S)
    finally:
        idle.put_nowait(connection)
    answers.lags_ms[ask.name].append((time.monotonic() - due_s) * 1_000)
    answers.statuses[reply.status] += 1


async def as_fast_as_it_goes(
    place: tuple[str, int], asks: Sequence[Ask], seconds: float, connections: int
) -> Answers:
    """Let each connection send its next request when the one before is answered."""
    answers = Answers()
    ends_s = time.monotonic() + seconds

    async def keep_asking(first: int) -> None:
        connection = await Connection.open(*place)
        for ask in itertools.islice(itertools.cycle(asks), first, None):
            began_s = time.monotonic()
            if began_s >= ends_s:
                break
            reply = await connection.ask(ask.request, REQUEST_TIMEOUT_S)
            answers.lags_ms[ask.name].append((time.monotonic() - began_s) * 1_000)
            answers.statuses[reply.status] += 1
        connection.close()

    began_s = time.monotonic()
    await asyncio.gather(*(keep_asking(number) for number in range(connections)))
    answers.took_s = time.monotonic() - began_s
    return answers
