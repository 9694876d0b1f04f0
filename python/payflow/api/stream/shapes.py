"""What is said over the stream, and the ticket that opens it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from payflow.api.routing.values import Instant

Topic = Literal["payments", "alerts", "metrics"]
TOPICS: tuple[Topic, ...] = ("payments", "alerts", "metrics")
MerchantId = Annotated[str, Meta(min_length=1, max_length=128)]


class StreamTicket(Struct, frozen=True, kw_only=True):
    """Opens one connection to `/api/v1/stream?ticket=...`, within seconds."""

    ticket: str
    expires_in_s: int


class PaymentChanged(Struct, frozen=True, kw_only=True):
    """A payment as it is now."""

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
    verdict: str | None
    """What came of the newest delivery; null after what an operator did."""
    updated_at: Instant


class MetricsTick(Struct, frozen=True, kw_only=True):
    """The last second; null is not known."""

    at: Instant
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


class SetFilter(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="filter", tag_field="type"
):
    """Said by a client: what it wants from now on."""

    topics: Annotated[list[Topic], Meta(max_length=3)]
    merchant_id: MerchantId | None = None


class Pong(Struct, frozen=True, kw_only=True, tag="pong", tag_field="type"):
    """Said by a client: it is there."""


decode_said = msgspec.json.Decoder(SetFilter | Pong).decode
