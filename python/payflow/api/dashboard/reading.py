"""The dashboard of a window, from the rollups: no statement here reads more as the tables grow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from payflow.api.dashboard.shapes import (
    AlertBrief,
    Backlog,
    Dashboard,
    DashboardAlerts,
    LagSeries,
    MovedAmounts,
    OpenAlerts,
    Series,
)
from payflow.telemetry.lag_steps import percentile_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from payflow.api.dashboard.shapes import WindowName
    from payflow.api.queue.looking import QueueNumbers
    from payflow.ledger.pool import Connection

__all__ = ["COUNTED_MAX", "WINDOWS", "read_dashboard", "standing"]

COUNTED_MAX: Final = 10_000

_SQL = files("payflow.api.dashboard") / "sql"
_VERDICTS = (_SQL / "verdicts.sql").read_text()
_LAGS = (_SQL / "lags.sql").read_text()
_MONEY = (_SQL / "money.sql").read_text()
_STATUSES = (_SQL / "statuses.sql").read_text()
_STANDING = (_SQL / "standing.sql").read_text()
_RECENT_ALERTS = (_SQL / "recent_alerts.sql").read_text()


@dataclass(frozen=True)
class Span:
    """A window: how long, in which steps it is told, and in which steps it was counted."""

    length: timedelta
    step_s: int
    counted_s: int


WINDOWS: Final = MappingProxyType[str, Span](
    {
        "15m": Span(timedelta(minutes=15), 10, 10),
        "1h": Span(timedelta(hours=1), 60, 60),
        "6h": Span(timedelta(hours=6), 300, 60),
        "24h": Span(timedelta(hours=24), 900, 60),
        "7d": Span(timedelta(days=7), 3_600, 3_600),
    }
)

_SERIES: Final = MappingProxyType[str, tuple[str, ...]](
    {
        "applied": ("apply",),
        "duplicates": ("duplicate",),
        "premature": ("premature",),
        "refused": ("conflict", "impossible", "malformed"),
    }
)


async def read_dashboard(
    connection: Connection, window: WindowName, queue: QueueNumbers | None, now: datetime
) -> Dashboard:
    """Read the window that ends now; its first and its last step may be begun only."""
    span = WINDOWS[window]
    since = _floor(now - span.length, span.step_s)
    verdicts = await connection.fetch(_VERDICTS, span.counted_s, float(span.step_s), since)
    lags = await connection.fetch(_LAGS, span.counted_s, float(span.step_s), since)
    money = await connection.fetch(_MONEY, span.counted_s, since)
    statuses = await connection.fetch(_STATUSES)
    recent = await connection.fetch(_RECENT_ALERTS, now)
    counts = await standing(connection)
    by_verdict: Counter[str] = Counter()
    for row in verdicts:
        by_verdict[row["verdict"]] += row["deliveries"]
    return Dashboard(
        window=window,
        step_s=span.step_s,
        from_=since,
        to=now,
        counted_to=counts["counted_to"],
        series=_series(verdicts, since, now, span.step_s),
        lag_ms=_lags(lags),
        verdicts={name: count for name, count in sorted(by_verdict.items()) if count},
        statuses={row["status"]: row["payments"] for row in statuses},
        amounts=[_moved(row) for row in money],
        alerts=DashboardAlerts(
            open=OpenAlerts(**{name: counts[name] for name in OpenAlerts.__struct_fields__}),
            recent=[AlertBrief(**row) for row in recent],
        ),
        backlog=Backlog(
            visible=None if queue is None else queue.visible,
            in_flight=None if queue is None else queue.in_flight,
            dead_letters_open=counts["dead_letters_open"],
            parked=counts["parked"],
        ),
    )


async def standing(connection: Connection) -> Mapping[str, Any]:
    """Count what is open and what waits, each up to `COUNTED_MAX`."""
    row = await connection.fetchrow(_STANDING, COUNTED_MAX)
    # It has no FROM, so it always returns one row.
    return dict(row or {})


def _moved(row: Mapping[str, Any]) -> MovedAmounts:
    # Sums over all payments are numeric in the database: they may be wider than any one payment's.
    sums = {name: int(row[name]) for name in ("captured_minor", "refunded_minor", "disputed_minor")}
    return MovedAmounts(currency=row["currency"], exponent=row["exponent"], **sums)


def _series(rows: Iterable[Mapping[str, Any]], since: datetime, now: datetime, step_s: int) -> Series:
    steps = range(int(since.timestamp()), int(now.timestamp()) + 1, step_s)
    received: Counter[int] = Counter()
    by_verdict: dict[str, Counter[int]] = {}
    for row in rows:
        received[row["at"]] += row["deliveries"]
        by_verdict.setdefault(row["verdict"], Counter())[row["at"]] += row["deliveries"]

    def points(counted: Sequence[Counter[int]]) -> list[tuple[int, float]]:
        return [(at, round(sum(one[at] for one in counted) / step_s, 6)) for at in steps]

    lines = {
        name: points([by_verdict[verdict] for verdict in verdicts if verdict in by_verdict])
        for name, verdicts in _SERIES.items()
    }
    return Series(received=points([received]), **lines)


def _lags(rows: Sequence[Mapping[str, Any]]) -> LagSeries:
    def points(share: float) -> list[tuple[int, float]]:
        told = [(row["at"], percentile_ms(row["counts"], share)) for row in rows]
        return [(at, lag_ms) for at, lag_ms in told if lag_ms is not None]

    return LagSeries(p50=points(0.5), p95=points(0.95), p99=points(0.99))


def _floor(moment: datetime, step_s: int) -> datetime:
    return datetime.fromtimestamp(int(moment.timestamp()) // step_s * step_s, UTC)
