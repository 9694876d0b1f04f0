"""Edits of dead letters: the body as it came and the one that was sent in its place, in the trail."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from payflow.ledger.quarantine.statements import statement
from payflow.ledger.trail import record_action

if TYPE_CHECKING:
    from datetime import datetime

    from payflow.ledger.pool import Connection

__all__ = ["EDITED", "record_edit"]

EDITED: Final = "dead_letter.edited"

_LAST_EDIT = statement("last_edit")


async def record_edit(
    connection: Connection,
    dead_letter_id: int,
    *,
    before: bytes,
    after: bytes,
    actor: str,
    note: str,
    now: datetime,
) -> bool:
    """Write an edit into the trail, unless the newest one of this letter says the same.

    The caller holds a transaction. The letter's own row keeps its body byte for byte; the digests tell the
    bodies apart where their texts can't.

    Returns:
        Whether it was new.

    """
    last = await connection.fetchrow(_LAST_EDIT, dead_letter_id)
    if last is None or last["after"] == _text(after):
        return False
    await record_action(
        connection,
        action=EDITED,
        actor=actor,
        subject_kind="dead_letter",
        subject_id=str(dead_letter_id),
        payment_id=last["payment_id"],
        note=note or None,
        details={
            "before": _text(before),
            "after": _text(after),
            "before_sha256": sha256(before).hexdigest(),
            "after_sha256": sha256(after).hexdigest(),
        },
        now=now,
    )
    return True


def _text(body: bytes) -> str:
    """Give a body as text; PostgreSQL has no U+0000 in it."""
    return body.decode("utf-8", "backslashreplace").replace("\x00", "\ufffd")
