"""What people did, written into the same trail as what sources told: one table answers "what happened"."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from payflow.ledger.pool import Connection

    SubjectKind: TypeAlias = Literal[
        "payment", "alert", "rule", "user", "dead_letter", "parked_fact", "fleet", "session"
    ]

__all__ = ["record_action"]

_RECORD = (files("payflow.ledger") / "sql" / "record_action.sql").read_text()


async def record_action(
    connection: Connection,
    *,
    action: str,
    actor: str,
    subject_kind: SubjectKind,
    subject_id: str,
    payment_id: str | None = None,
    note: str | None = None,
    details: Mapping[str, Any] | None = None,
    correlation_id: str | None = None,
    now: datetime,
) -> int:
    """Write one row of the trail, in the transaction that does what it tells of.

    The row is no delivery: the books don't follow from it, and `payflow verify` passes it over.

    Args:
        connection: in the transaction of the action, so that neither is there without the other.
        action: subject and what became of it, such as `alert.acknowledged` or `rule.updated`.
        actor: who did it, such as `user:ada@example.com`, `operator:ada` (the command line) or `payflow`.
        subject_kind: what kind of thing was acted on.
        subject_id: what names it among its kind.
        payment_id: the payment whose history it belongs to.
        note: why, in the words of who did it.
        details: what changed; becomes JSON. Never secrets: the trail can't be changed.
        correlation_id: of the request that asked for it.
        now: the time in UTC.

    Returns:
        The row's `audit_id`.

    """
    told = None if details is None else msgspec.json.encode(details).decode()
    audit_id: int = await connection.fetchval(
        _RECORD, action, actor, subject_kind, subject_id, payment_id, note, told, correlation_id, now
    )
    return audit_id
