"""Dead letters as rows: what an operator filters, reads and replays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from payflow.ledger.pool import Connection

INSERT = """
INSERT INTO dead_letters (
    class, reason, path, rule, payment_id, source, event_id, correlation_id, message_id,
    receive_count, sent_at, recorded_at, body)
SELECT
    class, reason, path, rule, payment_id, source, event_id, correlation_id, message_id,
    receive_count, timestamptz 'epoch' + sent_at_ms * interval '1 millisecond', $1, body
FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::integer[], $12::bigint[], $13::bytea[]
) AS d (
    class, reason, path, rule, payment_id, source, event_id, correlation_id, message_id,
    receive_count, sent_at_ms, body)
-- In one order for all workers, or two that have the same messages would each wait for a row of the other.
ORDER BY message_id
ON CONFLICT (message_id) DO NOTHING
"""


class DeadLetterRow(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery that no retry can help."""

    klass: str
    """`malformed`, `conflict`, `impossible`, `exhausted` or `orphaned`."""
    reason: str
    """Slug of the reason."""
    path: str | None
    """JSON path of the field at fault."""
    rule: str | None
    """The rule that was broken and the fix, for people."""
    payment_id: str | None
    source: str | None
    event_id: str | None
    correlation_id: str | None
    message_id: str
    receive_count: int
    sent_at_ms: int
    body: bytes


async def insert_dead_letters(connection: Connection, rows: Sequence[DeadLetterRow], now: datetime) -> int:
    """Write the rows, and return how many are new; a message that is listed already stays as it is."""
    columns = (
        "klass", "reason", "path", "rule", "payment_id", "source", "event_id", "correlation_id", "message_id",
        "receive_count", "sent_at_ms", "body",
    )  # fmt: skip
    done = await connection.execute(
        INSERT, now, *([_storable(getattr(row, name)) for row in rows] for name in columns)
    )
    return int(done.rpartition(" ")[2])


def _storable(value: str | bytes | int | None) -> str | bytes | int | None:
    """PostgreSQL has no U+0000 in text, and a hostile body may bring one into an id."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value
