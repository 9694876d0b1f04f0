"""Reads what has come into the trail and among the alerts since the last look, each row once."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from payflow.api.stream.following import Following
from payflow.ledger.settled import Settling

if TYPE_CHECKING:
    from asyncpg import Record

    from payflow.ledger.pool import Connection

__all__ = ["ROWS_MAX", "News", "NewsReader"]

ROWS_MAX: Final = 5_000
"""Rows of one look; more follow with the next."""
LOOKS_MAX: Final = 4
"""Full looks in a row after which the rest is skipped: who watches wants now, not then."""
BACK: Final = 2_000
"""How far back it is looked for what is not committed yet at the beginning."""

_SQL = files("payflow.api.stream") / "sql"
_BEGIN = (_SQL / "begin.sql").read_text()
_NEWS = (_SQL / "news.sql").read_text()


@dataclass
class News:
    """What one look brought."""

    payments: dict[str, str | None] = field(default_factory=dict)
    """Payments that changed, with the verdict of their newest delivery."""
    alerts_changed: set[int] = field(default_factory=set)
    alerts_new: list[int] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)
    """Of each delivery."""
    skipped: bool = False
    """Whether rows were passed over: what is on a page may be old."""


class NewsReader:
    """Follows trail and alerts for one process."""

    def __init__(self) -> None:
        self._trail: Following | None = None
        self._alerts = Following()
        self._settling = Settling[tuple[int, int]]()
        self._full_looks = 0

    @property
    def begun(self) -> bool:
        """Whether it knows where it is."""
        return self._trail is not None

    @property
    def complete_to(self) -> int:
        """Everything up to this row of the trail was told."""
        return 0 if self._trail is None else self._trail.complete_to

    def forget(self) -> None:
        """Begin anew with the next look: nobody listened for a while."""
        self._trail = None

    async def begin(self, connection: Connection) -> None:
        """Begin at the newest rows."""
        row = await connection.fetchrow(_BEGIN)
        if row is None:
            return
        audit_id, alert_id = row["audit_id"], row["alert_id"]
        self._trail = Following(audit_id, row["audit_ids"], max(audit_id - BACK, 0))
        self._alerts = Following(alert_id, row["alert_ids"], max(alert_id - BACK, 0))
        self._settling = Settling()
        self._full_looks = 0

    async def look(self, connection: Connection) -> News:
        """Read what has come since the last look."""
        trail, alerts, news = self._trail, self._alerts, News()
        if trail is None:
            return news
        row = await connection.fetchrow(_NEWS, trail.newest, trail.gaps, alerts.newest, alerts.gaps, ROWS_MAX)
        if row is None:
            return news
        audit_ids: list[int] = row["audit_ids"] or []
        trail.take(audit_ids)
        alerts.take(row["alert_ids"])
        settled = self._settling.look((trail.newest, alerts.newest), row["oldest"], row["next"])
        if settled is not None:
            trail.settle(settled[0])
            alerts.settle(settled[1])
        if audit_ids:
            _sort(row, news)
        news.alerts_new = row["alert_ids"]
        news.alerts_changed -= set(news.alerts_new)
        self._full_looks = self._full_looks + 1 if len(audit_ids) >= ROWS_MAX else 0
        if self._full_looks > LOOKS_MAX:
            await self.begin(connection)
            news.skipped = True
        return news


def _sort(row: Record, news: News) -> None:
    """Sort rows by what they are about."""
    rows = zip(
        row["payment_ids"],
        row["verdicts"],
        row["subject_kinds"],
        row["subject_ids"],
        row["deliveries"],
        strict=True,
    )
    for payment_id, verdict, subject_kind, subject_id, delivery in rows:
        if delivery:
            news.verdicts.append(verdict)
        if subject_kind is None or subject_kind == "payment":
            if payment_id is not None:
                news.payments.pop(payment_id, None)
                news.payments[payment_id] = verdict
        elif subject_kind == "alert":
            news.alerts_changed.add(int(subject_id))
