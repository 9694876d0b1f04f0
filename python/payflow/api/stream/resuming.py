"""What a reader missed while it was away, read once when it comes back."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from payflow.api.stream.telling import alert_frames, payment_frames

if TYPE_CHECKING:
    from payflow.api.services import Services
    from payflow.api.stream.frames import Frame
    from payflow.ledger.pool import Connection

__all__ = ["MISSED_MAX", "missed"]

MISSED_MAX: Final = 1_000
"""Rows of the trail that are caught up with; whoever missed more reads its pages again."""
AT_ONCE_MAX: Final = 4
"""Readers of one process that catch up at once; after a restart all come back together."""

_SQL = files("payflow.api.stream") / "sql"
_MISSED = (_SQL / "missed.sql").read_text()
_ALERTS_OF = (_SQL / "alerts_of.sql").read_text()

_turns: Final = asyncio.Semaphore(AT_ONCE_MAX)


async def missed(services: Services, since: int) -> list[Frame] | None:
    """Give what changed behind a row of the trail, as it is now; None if that is too much.

    All frames name `since` as the place to go on from: whoever is cut off amid them begins again.

    Raises:
        StoreError: the database is away.

    """
    async with _turns, services.database.connection() as connection:
        rows = await connection.fetch(_MISSED, since, MISSED_MAX + 1)
        if len(rows) > MISSED_MAX:
            return None
        verdicts: dict[str, str | None] = {}
        changed: set[int] = set()
        events: list[tuple[str, str, str]] = []
        for row in rows:
            if row["subject_kind"] == "alert":
                changed.add(int(row["subject_id"]))
            elif row["subject_kind"] in {None, "payment"} and row["payment_id"] is not None:
                verdicts[row["payment_id"]] = row["verdict"]
                if row["subject_kind"] is None:
                    events.append((row["payment_id"], row["source"], row["event_id"]))
        now = services.clock()
        frames = await payment_frames(connection, verdicts, since, now)
        created = await _alerts_of(connection, events)
        frames += await alert_frames(connection, "alert.created", sorted(created - changed), since, now)
        frames += await alert_frames(connection, "alert.changed", sorted(changed), since, now)
        return frames


async def _alerts_of(connection: Connection, events: list[tuple[str, str, str]]) -> set[int]:
    if not events:
        return set()
    columns = [list(column) for column in zip(*events, strict=True)]
    return {row["alert_id"] for row in await connection.fetch(_ALERTS_OF, *columns)}
