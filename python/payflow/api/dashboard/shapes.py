"""The dashboard on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from payflow.api.alerts.shapes import Severity, Status
from payflow.api.routing.values import Instant, RowId

WindowName = Literal["15m", "1h", "6h", "24h", "7d"]
Point = Annotated[tuple[int, float], Meta(description="Unix time in seconds at which a step begins; value.")]


class DashboardQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Over which time."""

    window: WindowName = "1h"


class Series(Struct, frozen=True, kw_only=True):
    """Deliveries a second, by what came of them; a step without any is zero."""

    received: list[Point]
    applied: list[Point]
    duplicates: list[Point]
    premature: list[Point]
    refused: list[Point]
    """Conflicts, impossible and malformed ones."""


class LagSeries(Struct, frozen=True, kw_only=True):
    """Milliseconds from sent to committed; steps without deliveries are left out."""

    p50: list[Point]
    p95: list[Point]
    p99: list[Point]


class MovedAmounts(Struct, frozen=True, kw_only=True):
    """Money that moved in the window, in one currency; what was undone is taken off."""

    currency: str
    exponent: int
    captured_minor: int
    refunded_minor: int
    disputed_minor: int


class OpenAlerts(Struct, frozen=True, kw_only=True):
    """Alerts that are not resolved, by severity; 10,000 stands for that many or more."""

    info: int
    warning: int
    high: int
    critical: int


class AlertBrief(Struct, frozen=True, kw_only=True):
    """An alert in a line."""

    alert_id: RowId
    severity: Severity
    status: Status
    title: str
    payment_id: str | None
    created_at: Instant


class DashboardAlerts(Struct, frozen=True, kw_only=True):
    """What somebody should look at."""

    open: OpenAlerts
    recent: list[AlertBrief]
    """The newest five."""


class Backlog(Struct, frozen=True, kw_only=True):
    """What waits; null while SQS does not tell, and 10,000 letters or facts stand for that many or more."""

    visible: int | None
    in_flight: int | None
    dead_letters_open: int
    parked: int


class Dashboard(Struct, frozen=True, kw_only=True):
    """What happened over a window."""

    window: WindowName
    step_s: int
    from_: Instant = field(name="from")
    to: Instant
    counted_to: Instant | None
    """Up to when deliveries are counted; seconds behind now."""
    series: Series
    lag_ms: LagSeries
    verdicts: dict[str, int]
    """Deliveries of the window by verdict."""
    statuses: dict[str, int]
    """All payments by status, as they are now."""
    amounts: list[MovedAmounts]
    alerts: DashboardAlerts
    backlog: Backlog
