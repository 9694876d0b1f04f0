"""What does it cost to know an event again: its fingerprint in Rust, the check and the mark in Valkey?"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeAlias

import uvloop
from payflow import _native
from payflow.idempotency import SeenMarks, SeenOptions, connect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from payflow.decoding import Decoded

    from benchmarks.conftest import PerEvent

    Marks: TypeAlias = tuple[list[bytes], list[bytes]]

LEDGER_ID = "00000000-0000-4000-8000-000000000001"
OPTIONS = SeenOptions(ttl_s=86_400, deadline_s=1.0)


def marks_of(decoded: Decoded) -> Marks:
    """Give keys and fingerprints of a batch."""
    events = _native.Events(decoded.events, decoded.payloads)
    return events.mark_keys(LEDGER_ID), events.fingerprints()


def test_fingerprint_and_mark_keys(per_event: PerEvent, decoded: Iterator[Decoded]) -> None:
    """Hand events to Rust, fingerprint them, and name their marks."""
    per_event.measure(marks_of, lambda: (next(decoded),), rounds=300)


def test_redis_check_of_unknown_events(
    per_event: PerEvent, decoded: Iterator[Decoded], servers: tuple[str, str]
) -> None:
    """Ask Valkey for a batch that it has never seen: one round trip."""
    _measure(per_event, servers[1], lambda seen: seen.unseen, lambda: marks_of(next(decoded)))


def test_redis_check_of_known_events(
    per_event: PerEvent, decoded: Iterator[Decoded], servers: tuple[str, str]
) -> None:
    """Ask Valkey for a batch that it knows: one round trip."""
    marks = marks_of(next(decoded))
    _measure(per_event, servers[1], lambda seen: seen.unseen, lambda: marks, known=marks)


def test_redis_mark(per_event: PerEvent, decoded: Iterator[Decoded], servers: tuple[str, str]) -> None:
    """Mark a batch as done: one round trip."""
    _measure(per_event, servers[1], lambda seen: seen.mark, lambda: marks_of(next(decoded)))


def test_redis_check_and_mark(
    per_event: PerEvent, decoded: Iterator[Decoded], servers: tuple[str, str]
) -> None:
    """Check a fresh batch and mark it: both round trips that an event pays."""

    def check_and_mark(seen: SeenMarks) -> Callable[[list[bytes], list[bytes]], Awaitable[object]]:
        async def both(keys: list[bytes], fingerprints: list[bytes]) -> None:
            await seen.unseen(keys, fingerprints)
            await seen.mark(keys, fingerprints)

        return both

    _measure(per_event, servers[1], check_and_mark, lambda: marks_of(next(decoded)))


def _measure(
    per_event: PerEvent,
    url: str,
    call_of: Callable[[SeenMarks], Callable[[list[bytes], list[bytes]], Awaitable[object]]],
    marks: Callable[[], Marks],
    *,
    known: Marks | None = None,
) -> None:
    """Measure a call on a connection of its own, from the event loop of a worker."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        cache = connect(url, deadline_s=OPTIONS.deadline_s)
        seen = SeenMarks(cache, OPTIONS, time.monotonic)
        call = call_of(seen)
        if known is not None:
            runner.run(seen.mark(*known))

        async def once(keys: list[bytes], fingerprints: list[bytes]) -> None:
            await call(keys, fingerprints)

        per_event.measure(lambda *batch: runner.run(once(*batch)), marks, rounds=300)
        assert not any(seen.stats().failures.values())
        runner.run(cache.aclose())
