"""Everything that a drill demands once it is quiet."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import asyncpg
from redis import Redis

from payflow import _native
from payflow.decoding import Decoder
from payflow.drill.comparison import CLAIMS, Finding, compare_letters, compare_payments
from payflow.drill.told import Told
from payflow.events import Sources
from payflow.ledger import LedgerOptions
from payflow.ledger.reading import Verification, open_snapshot
from payflow.lifecycle import policies_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from payflow.drill.told import ToldFiles
    from payflow.ledger.reading import Proof
    from payflow.settings import Settings

ALL_CLAIMS: Final = CLAIMS | {
    "verify": "the books follow from the trail (`payflow verify`)",
    "attempt_burnt": "no message was blamed for a fault",
    "worker_fault": "no worker met a fault of its own",
    "unclean_end": "every worker ended with 0 once it was quiet",
    "unfinished": "the queue was emptied",
}
"""Every claim that a drill makes, by the name of its violation."""

_STATEMENT_TIMEOUT_S: Final = 300.0
_ATTEMPTS: Final = "pf:attempts:*"
_LOG_SIGNS: Final = {
    b'"store_refused"': "attempt_burnt",
    b'"deliveries_exhausted"': "attempt_burnt",
    b'"unexpected"': "worker_fault",
    b'"sweep_failed"': "worker_fault",
    b"Traceback": "worker_fault",
}
"""What a worker's log or figures have when a message was blamed, or when it met a fault of its own."""
_SHOWN_BYTES: Final = 400


def check_books(
    settings: Settings, told: ToldFiles, resent: int, dead_letters: Iterable[bytes]
) -> tuple[list[Finding], Proof]:
    """Compare the books with the model, and prove that they follow from the trail.

    Args:
        settings: lead to the database.
        told: everything that was sent.
        resent: messages that may be in the queue twice.
        dead_letters: all bodies of the dead-letter queue.

    """
    return asyncio.run(_check_books(settings, told, resent, list(dead_letters)))


async def _check_books(
    settings: Settings, told: ToldFiles, resent: int, dead_letters: Sequence[bytes]
) -> tuple[list[Finding], Proof]:
    connection = await asyncpg.connect(settings.postgres.required_dsn, command_timeout=_STATEMENT_TIMEOUT_S)
    try:
        findings = await compare_letters(
            connection, Told(malformed=told.malformed, resent=resent), dead_letters
        )
        for part, sent in told.parts():
            findings += await compare_payments(connection, sent, part)
    finally:
        await connection.close()
    proof = await _proof(settings)
    findings += [
        Finding(
            "verify",
            f"{difference.payment_id} {difference.check}: {difference.subject}",
            str(difference.expected),
            str(difference.found),
        )
        for difference in proof.differences
    ]
    return findings, proof


async def _proof(settings: Settings) -> Proof:
    sources = Sources.load(settings.events.sources_file)
    options = LedgerOptions(
        dsn=settings.postgres.required_dsn,
        pool_size=1,
        statement_timeout_ms=round(_STATEMENT_TIMEOUT_S * 1_000),
    )
    async with open_snapshot(options) as connection:
        decode = Decoder(sources, lambda: datetime.now(UTC)).decode
        return await Verification(connection, _native.Replay(policies_of(sources)), decode).prove()


def check_attempts(redis_url: str) -> list[Finding]:
    """Look for counted attempts. A Valkey that was flushed has none; the logs tell then."""
    with closing(Redis.from_url(redis_url)) as redis:
        return [
            Finding("attempt_burnt", f"message {key.decode().rpartition(':')[2]}", "0 attempts", "some")
            for key in redis.scan_iter(match=_ATTEMPTS, count=1_000)
        ]


def check_log(name: str, log: Path) -> list[Finding]:
    """Look for signs of a message that was blamed, or of a fault of the worker; one finding for each sign."""
    findings = []
    for path in (log.with_suffix(".old.log"), log):
        lines = path.read_bytes().splitlines() if path.exists() else []
        for sign, claim in _LOG_SIGNS.items():
            found = [line for line in lines if sign in line]
            if found:
                shown = found[0][:_SHOWN_BYTES].decode(errors="replace")
                findings.append(Finding(claim, f"{len(found)} lines of {name}'s log", "none", shown))
    return findings
