"""Fills books in bulk, by binary COPY: payments that were never stored, with all that was ever delivered."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from payflow import _native
from payflow.ledger.dead_letters import insert_dead_letters
from payflow.ledger.faults import as_store_errors
from payflow.ledger.ledger import REFUSED_FACTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from payflow.ledger.dead_letters import DeadLetterRow
    from payflow.ledger.pool import Connection

__all__ = ["Filled", "fill", "is_empty", "tidy"]

_REFUSED: Final = frozenset({"conflict", "impossible"})
_CLOSE_PAST_ALERTS: Final = (files("payflow.ledger") / "sql" / "close_past_alerts.sql").read_text()
_LAST_ALERT: Final = "SELECT coalesce(max(alert_id), 0) FROM alerts"
_TABLES: Final = ("payment_transactions", "payment_operations", "audit_logs", "parked_events", "alerts")

_EMPTY: Final = "SELECT NOT EXISTS (SELECT FROM payment_transactions) AND NOT EXISTS (SELECT FROM audit_logs)"
# Numbers of the trail are taken ahead, so that whoever writes beside this never gets one of them.
_RESERVE: Final = """
SELECT setval('audit_logs_audit_id_seq', nextval('audit_logs_audit_id_seq') + $1::bigint) - $1::bigint
"""


@dataclass(frozen=True)
class Filled:
    """What one stretch came to."""

    payments: int
    audit_rows: int
    dead_letters: int


async def is_empty(connection: Connection) -> bool:
    """Tell whether the books have neither a payment nor a row of the trail."""
    with as_store_errors():
        return bool(await connection.fetchval(_EMPTY))


async def fill(
    connection: Connection,
    verdicts: _native.Verdicts,
    alerts: _native.Alerts,
    policies: _native.Policies,
    recorded_us: Sequence[int],
    dead_letters: Sequence[DeadLetterRow],
    *,
    actor: str,
    now: datetime,
    alerts_closed_before: datetime,
) -> Filled:
    """Write what was judged on payments that the books don't have, in one transaction.

    Args:
        connection: writes.
        verdicts: every delivery of these payments, judged in order, and the payments as they are then.
        alerts: what the rules say of them.
        policies: what each source declares.
        recorded_us: when each delivery was recorded, in Unix microseconds.
        dead_letters: those of the deliveries that no retry can help.
        actor: who is named in the trail.
        now: when dead letters were written.
        alerts_closed_before: alerts that are older are written as resolved.

    Raises:
        LedgerRaced: a payment is there already; nothing was written.
        StoreError: the database is away, or refused a row; nothing was written.

    """
    with as_store_errors():
        async with connection.transaction():
            # More than enough: a delivery has one row, and one for each parked fact that it sets free.
            last_alert_id = await connection.fetchval(_LAST_ALERT)
            first = await connection.fetchval(_RESERVE, len(verdicts) + len(verdicts.rejudged()))
            streams, rows = _native.copy_rows(verdicts, alerts, policies, recorded_us, actor, first)
            for table, columns, stream in streams:
                await connection.copy_to_table(table, source=_Whole(stream), columns=columns, format="binary")
            await connection.execute(_CLOSE_PAST_ALERTS, last_alert_id, alerts_closed_before)
            refused_facts = [
                (verdict, reason, payment_id, source, event_id, correlation_id)
                for payment_id, source, event_id, correlation_id, verdict, reason in verdicts.rejudged()
                if verdict in _REFUSED
            ]
            if refused_facts:
                columns_of_facts = map(list, zip(*refused_facts, strict=True))
                await connection.execute(REFUSED_FACTS, now, *columns_of_facts)
            if dead_letters:
                await insert_dead_letters(connection, dead_letters, now)
    return Filled(len(verdicts.payments()), rows, len(dead_letters) + len(refused_facts))


async def tidy(connection: Connection) -> None:
    """Have the server take stock of what was filled, so that its plans are right from the first query on."""
    with as_store_errors():
        for table in _TABLES:
            await connection.execute(f"VACUUM (ANALYZE) {table}", timeout=None)


class _Whole:
    """A stream as the driver reads it: all at once."""

    def __init__(self, stream: bytes) -> None:
        self._stream = stream

    def read(self, _size: int) -> bytes:
        """Give everything, then nothing."""
        stream, self._stream = self._stream, b""
        return stream
