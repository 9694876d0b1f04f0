"""Entries of the audit trail on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from payflow.api.routing.listing import ListQuery
from payflow.api.routing.values import Identifier, Instant, Note, RowId

SubjectKind = Literal[
    "payment", "alert", "rule", "user", "dead_letter", "parked_fact", "fleet", "session", "command"
]
NotedKind = Literal["payment", "alert", "rule", "user", "dead_letter", "parked_fact"]
Verdict = Literal[
    "apply", "duplicate", "conflict", "impossible", "stale", "premature", "orphaned", "discarded", "linked"
]
Word = Annotated[str, Meta(min_length=1, max_length=255)]


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One thing that happened: a delivery about a payment, or what somebody did."""

    audit_id: RowId
    action: str
    """The type of the event that was delivered, or what was done, such as `alert.resolved`."""
    actor: str
    """A worker, `user:` and an e-mail, `operator:` and an account of the command line, or `payflow`."""
    subject_kind: str
    subject_id: str
    payment_id: str | None
    source: str | None
    event_id: str | None
    type: str | None
    """The event's type; null for what is no delivery."""
    verdict: str | None
    reason: str | None
    from_status: str | None
    to_status: str | None
    version: int | None
    correlation_id: str | None
    note: str | None
    details: dict[str, Any] | None
    occurred_at: Instant | None
    recorded_at: Instant


class AuditEntryDetail(AuditEntry, frozen=True, kw_only=True):
    """An entry with the event as it came."""

    payload: Annotated[msgspec.Raw | None, Meta(description="The event; only at its first sight.")]


class AuditFilters(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries; filters have to hold together."""

    payment_id: Identifier | None = None
    actor: Word | None = None
    action: Word | None = None
    verdict: Verdict | None = None
    subject_kind: SubjectKind | None = None
    subject_id: Word | None = None
    source: Word | None = None
    from_: Instant | None = field(default=None, name="from")
    to: Instant | None = None
    operators_only: Annotated[bool, Meta(description="Leave deliveries out.")] = False


class ExportQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to export, and how."""

    format: Literal["csv", "jsonl"]
    payment_id: Identifier | None = None
    actor: Word | None = None
    action: Word | None = None
    verdict: Verdict | None = None
    subject_kind: SubjectKind | None = None
    subject_id: Word | None = None
    source: Word | None = None
    from_: Instant | None = field(default=None, name="from")
    to: Instant | None = None
    operators_only: bool = False


class AuditNote(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that are to stand in the trail."""

    subject_kind: NotedKind
    subject_id: Annotated[str, Meta(min_length=1, max_length=400)]
    note: Note
