"""Alerts on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from payflow.api.audit.shapes import AuditEntry
from payflow.api.routing.listing import ListQuery
from payflow.api.routing.values import Identifier, Instant, Note, RowId

Severity = Literal["info", "warning", "high", "critical"]
Status = Literal["open", "acknowledged", "snoozed", "resolved"]
Outcome = Literal["confirmed", "false_positive", "duplicate", "fixed"]
Action = Literal["acknowledge", "assign", "snooze", "resolve", "reopen"]

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "high", "critical")

UserId = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="Id of a user.")
]
Assignee = Annotated[
    str,
    Meta(
        pattern=r"^(me|none|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
        description="`me`, `none`, or the id of a user.",
    ),
]


class UserBrief(Struct, frozen=True):
    """A user by name."""

    user_id: str
    name: str


class RuleBrief(Struct, frozen=True):
    """The version of a rule that raised an alert."""

    rule_id: RowId
    name: str
    version: int


class Alert(Struct, frozen=True, kw_only=True):
    """Something that somebody should look at."""

    alert_id: RowId
    severity: Severity
    status: Status
    title: str
    """The rule's name, or what whoever made it by hand called it."""
    description: str
    rule: RuleBrief | None
    """None: made by hand."""
    payment_id: str | None
    merchant_id: str | None
    source: str | None
    event_id: str | None
    verdict: str | None
    reason: str | None
    correlation_id: str | None
    assignee: UserBrief | None
    snoozed_until: Instant | None
    outcome: Outcome | None
    note: str | None
    """What was said when it was resolved."""
    created_at: Instant
    updated_at: Instant
    resolved_at: Instant | None
    version: int


class AlertPayment(Struct, frozen=True, kw_only=True):
    """The payment that an alert is about, as it is now."""

    payment_id: str
    merchant_id: str | None
    status: str
    dispute_status: str
    currency: str | None
    exponent: int
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    disputed_minor: int
    updated_at: Instant


class AlertRule(Struct, frozen=True, kw_only=True):
    """The rule that raised an alert, as it was then."""

    rule_id: RowId
    name: str
    version: int
    condition: str
    severity: Severity
    description: str
    enabled: bool
    """Whether this very version is in force now."""


class AlertDetail(Alert, frozen=True, kw_only=True):
    """An alert with all that helps to decide it."""

    allowed_actions: list[Action]
    payment: AlertPayment | None
    rule_detail: AlertRule | None
    history: list[AuditEntry]
    """What was done to it, the newest first, 200 at most."""


class AlertsQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alerts; filters have to hold together."""

    status: list[Status] | None = None
    severity: list[Severity] | None = None
    rule: Annotated[str, Meta(min_length=1, max_length=128, description="Name of a rule.")] | None = None
    assignee: Assignee | None = None
    payment_id: Identifier | None = None
    created_from: Instant | None = None
    created_to: Instant | None = None
    text: (
        Annotated[
            str,
            Meta(
                min_length=2,
                max_length=128,
                description="Beginning of a payment id, or a part of a rule's name or of a title.",
            ),
        ]
        | None
    ) = None
    sort: Literal["created_at", "-created_at", "severity", "-severity"] = "-created_at"


class CreateAlert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert made by hand."""

    severity: Severity
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[str, Meta(max_length=2_000)] = ""
    payment_id: Identifier | None = None


class AssignAlert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is to look at it; null: nobody in particular."""

    assignee: UserId | None


class SnoozeAlert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until when it may sleep: within 90 days."""

    until: Instant


class ResolveAlert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of it."""

    outcome: Outcome
    note: Note


class ReopenAlert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is open again."""

    note: Note | None = None
