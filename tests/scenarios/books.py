"""Holds what a database says against what a workload told, as `payflow drill` does."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
from payflow import _native
from payflow.decoding import Decoder
from payflow.drill.comparison import compare_letters, compare_payments
from payflow.drill.told import Told
from payflow.events import Sources
from payflow.ledger import LedgerOptions
from payflow.ledger.reading import Verification, open_snapshot
from payflow.lifecycle import policies_of

__all__ = ["Told", "assert_books_are_right", "assert_books_follow_from_trail"]


async def assert_books_are_right(dsn: str, told: Told, *, exhausted: bool = False) -> None:
    """Demand that the books follow from their trail, and that they say what was told, no more and no less.

    Where messages were meant to use up their attempts, `exhausted` lets them stand among the dead letters.
    """
    connection = await asyncpg.connect(dsn)
    try:
        findings = await compare_payments(connection, told)
        findings += await compare_letters(connection, told, queued=None)
    finally:
        await connection.close()
    allowed = {"wrongly_dead_lettered"} if exhausted else set()
    assert [finding for finding in findings if finding.claim not in allowed] == []
    await assert_books_follow_from_trail(dsn)


async def assert_books_follow_from_trail(dsn: str) -> None:
    """Demand what `payflow verify` proves."""
    sources = Sources.load()
    async with open_snapshot(LedgerOptions(dsn=dsn, pool_size=1)) as connection:
        replay = _native.Replay(policies_of(sources))
        decode = Decoder(sources, lambda: datetime.now(UTC)).decode
        proof = await Verification(connection, replay, decode).prove()
    assert proof.differences == []
    assert proof.clean
