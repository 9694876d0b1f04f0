"""Judging parked facts anew without a delivery: the safety net under what every delivery does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow import _native
from payflow.ledger.ledger import LedgerTransaction
from payflow.ledger.quarantine.statements import statement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from payflow.ledger.pool import Connection
    from payflow.ledger.quarantine.rehearsal import Decoded

__all__ = ["Rejudged", "rejudge_changed"]

FIRST = ""
"""Behind this place lie all payments."""

_CHANGED = statement("changed")


class Rejudged:
    """What one batch came to."""

    def __init__(self, last: str | None, verdicts: dict[str, int]) -> None:
        self.last = last
        """The payment behind which the next batch begins; None when this was the last batch."""
        self.verdicts = verdicts
        """Facts that left parking, by verdict."""


async def rejudge_changed(
    connection: Connection,
    policies: _native.Policies,
    rules: _native.RuleSet,
    decode: Callable[[Sequence[bytes]], Decoded],
    clock: Callable[[], datetime],
    *,
    actor: str,
    behind: str,
    limit: int,
) -> Rejudged:
    """Judge what is parked on payments that changed since it was parked; at most `limit` payments.

    Every delivery that applies does so for its own payment in its own transaction, so nothing is found here
    unless the machine or a source's policy changed, or a fault of ours left a fact behind. What is found is
    written as a worker writes it: payment, operations, trail and alerts in one transaction.
    """
    rows = await connection.fetch(_CHANGED, behind, limit)
    last = rows[-1]["payment_id"] if len(rows) == limit else None
    # One fact stands for its payment: decoding gives what `lock` wants to know of it.
    decoded = decode([row["payload"] for row in rows])
    if not decoded.events:
        return Rejudged(last, {})
    events = _native.Events(decoded.events, decoded.payloads)
    async with connection.transaction():
        transaction = LedgerTransaction(connection, policies, clock, actor)
        payments = await transaction.lock(events, bytes(len(events)))
        verdicts = _native.rejudge(payments, policies)
        freed = verdicts.rejudged_counts()
        if freed:
            await transaction.write(verdicts, _native.evaluate(rules, verdicts))
    return Rejudged(last, freed)
