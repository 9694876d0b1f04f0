"""What travels over the stream, both ways."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

Topic: TypeAlias = Literal["payments", "alerts", "metrics"]

TOPICS: frozenset[Topic] = frozenset({"payments", "alerts", "metrics"})


class StreamTicket(msgspec.Struct, frozen=True, kw_only=True):
    """What opens one WebSocket: `GET /api/v1/stream?ticket=...&topics=payments,alerts`."""

    ticket: str
    expires_in_s: int


class PaymentChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as it stands after a change."""

    payment_id: str
    merchant_id: str | None
    status: str
    dispute_status: str
    version: int
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    currency: str | None
    exponent: int
    verdict: str
    """Of the delivery that changed it, or the operator's action."""
    updated_at: datetime


class MetricsTick(msgspec.Struct, frozen=True, kw_only=True):
    """One second. What nobody knows at the moment is null."""

    at: datetime
    received_per_s: float
    applied_per_s: float
    duplicates_per_s: float
    refused_per_s: float
    lag_p50_ms: float | None
    lag_p95_ms: float | None
    lag_p99_ms: float | None
    backlog_visible: int | None
    in_flight: int | None
    alerts_open: int
    workers_alive: int


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One text frame of the server's."""

    type: str
    topic: Topic | None = None
    id: str | None = None
    """Where a later connection may resume, as `since`."""
    at: datetime | None = None
    data: Any = None


class Filter(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="filter", forbid_unknown_fields=True
):
    """A client's wish for other topics, or for one merchant alone."""

    topics: list[Topic]
    merchant_id: str | None = None


class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong", forbid_unknown_fields=True):
    """A client's answer to a heartbeat."""
