"""Parked facts on the wire."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from payflow.api.routing.listing import ListQuery
from payflow.api.routing.values import Identifier, Instant, Note

Word = Annotated[str, Meta(min_length=1, max_length=255)]


class ParkedFact(Struct, frozen=True, kw_only=True):
    """A fact that came before what it needs."""

    payment_id: str
    source: str
    event_id: str
    type: str
    operation_id: str
    parent_id: str | None
    merchant_id: str
    amount_minor: int | None
    currency: str | None
    exponent: int | None
    reason: str
    """Why it waits, as the payment machine says it."""
    waiting_for: str
    """What it waits for, in words."""
    correlation_id: str
    occurred_at: Instant
    parked_at: Instant
    deadline_at: Instant


class ParkedFactDetail(ParkedFact, frozen=True, kw_only=True):
    """A parked fact with its event as it came."""

    payload: Annotated[msgspec.Raw | None, Meta(description="The event as it came.")]


class ParkedFilters(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which facts; filters have to hold together."""

    payment_id: Identifier | None = None
    source: Word | None = None
    reason: Word | None = None
    parked_before: Instant | None = None


class DiscardFact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is taken out for good."""

    note: Note


class LinkFact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The payment that it belongs to, and why."""

    to_payment_id: Identifier
    note: Note


class LinkedFact(Struct, frozen=True, kw_only=True):
    """What the other payment made of it."""

    payment_id: str
    verdict: str
    reason: str
