"""Facts that waited in vain: out of parking, into the dead letters, with an alert; all in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from payflow.ledger.dead_letters import DeadLetterRow, insert_dead_letters
from payflow.ledger.derived_sums import derived_sums
from payflow.ledger.quarantine.parked import NEEDS, lock_payments, take_out
from payflow.ledger.quarantine.rehearsal import SUMS
from payflow.ledger.quarantine.statements import statement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from asyncpg import Record

    from payflow.ledger.pool import Connection

__all__ = ["VERDICT", "orphan_due"]

VERDICT: Final = "orphaned"
"""Verdict in the trail, class of the dead letter, and name of the seeded rule."""

_MINUTE = "%Y-%m-%d %H:%M"

_DUE = statement("due")
_ALERT = statement("alert")


async def orphan_due(
    connection: Connection,
    fires: Callable[[dict[str, Any]], list[str]],
    *,
    actor: str,
    now: datetime,
    limit: int,
) -> tuple[int, int]:
    """Make orphans of the facts whose deadline has passed, at most `limit` of them.

    Each leaves `parked_events`, gets a row of the trail with verdict `orphaned` and what it waited for as the
    reason, becomes a dead letter with the event as it came, and raises the alerts of the rules that match.

    Args:
        connection: the statements run in a transaction of their own on it.
        fires: names the rules in force that match facts; `RuleSet.try_facts`.
        actor: who does it, as the trail names it.
        now: the time in UTC.
        limit: most facts that leave.

    Returns:
        How many facts were due, and how many of them left: a worker may have been first with some.

    """
    due = [tuple(row) for row in await connection.fetch(_DUE, now, limit)]
    if not due:
        return 0, 0
    async with connection.transaction():
        payments = await lock_payments(connection, [payment_id for payment_id, _, _ in due])
        orphans = await take_out(connection, due, VERDICT, reason=None, actor=actor, now=now)
        await insert_dead_letters(connection, [_letter(orphan) for orphan in orphans], now)
        alerts = [
            (name, orphan)
            for orphan in orphans
            for name in fires(_facts(orphan, payments[orphan["payment_id"]]))
        ]
        await _raise_alerts(connection, alerts, now)
    return len(due), len(orphans)


def _letter(orphan: Record) -> DeadLetterRow:
    needs = NEEDS.get(orphan["waits_for"], orphan["waits_for"])
    return DeadLetterRow(
        klass=VERDICT,
        reason=orphan["waits_for"],
        path=None,
        rule=(
            f"it waited from {orphan['parked_at']:{_MINUTE}} to {orphan['deadline_at']:{_MINUTE}} UTC for "
            f"{needs}: find out from the provider why that never came"
        ),
        payment_id=orphan["payment_id"],
        source=orphan["source"],
        event_id=orphan["event_id"],
        correlation_id=orphan["correlation_id"],
        message_id=f"{VERDICT}:{orphan['audit_id']}",
        receive_count=0,
        sent_at_ms=round(orphan["first_recorded_at"].timestamp() * 1_000),
        body=orphan["payload"],
    )


def _facts(orphan: Record, payment: Record) -> dict[str, Any]:
    """Give what conditions of rules can see; the payment is the same before and after."""
    standing = {name: payment[name] for name in (*SUMS, "exponent", "version", "status", "dispute_status")}
    standing |= {"merchant_id": payment["merchant_id"], "currency": payment["currency"]}
    standing |= derived_sums(payment)
    return {
        "event": {
            "id": orphan["event_id"],
            "type": orphan["kind"],
            "occurred_at_us": round(orphan["occurred_at"].timestamp() * 1_000_000),
            **{
                name: orphan[name]
                for name in (
                    *("source", "payment_id", "operation_id", "merchant_id", "parent_id", "amount_minor"),
                    *("currency", "exponent", "reason", "dispute_stage", "dispute_status"),
                )
            },
        },
        "before": standing if payment["currency"] is not None else None,
        "payment": standing,
        "verdict": VERDICT,
        "reason": orphan["waits_for"],
    }


async def _raise_alerts(connection: Connection, alerts: Sequence[tuple[str, Record]], now: datetime) -> None:
    names = ("payment_id", "merchant_id", "source", "event_id", "fingerprint", "waits_for", "correlation_id")
    columns = [[orphan[name] for _, orphan in alerts] for name in names]
    await connection.execute(_ALERT, now, VERDICT, [rule for rule, _ in alerts], *columns)
