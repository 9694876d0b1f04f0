"""Rules on the wire."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from payflow.api.alerts.shapes import Severity
from payflow.api.routing.values import Instant, RowId, Text

RuleName = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]{0,63}$",
        description="Small letters, digits and underscores; beginning with a letter.",
    ),
]
CONDITION_BYTES_MAX = 4_096
Condition = Annotated[
    str, Meta(min_length=1, max_length=CONDITION_BYTES_MAX, description="CEL; docs/rules.md explains it.")
]
TRIED_MAX = 1_000


class Rule(Struct, frozen=True, kw_only=True):
    """One version of a rule."""

    rule_id: RowId
    name: str
    version: int
    condition: str
    severity: Severity
    description: str
    enabled: bool
    created_by: str
    created_at: Instant
    alerts_24h: Annotated[int, Meta(description="Alerts of the last 24 hours, at most 10,000.")]
    etag: str
    """What `If-Match` names to change the rule."""


class RuleDetail(Rule, frozen=True, kw_only=True):
    """The newest version of a rule, and the ones before it."""

    versions: list[Rule]
    """The newest 100, the newest first."""


class CreateRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new rule."""

    name: RuleName
    condition: Condition
    severity: Severity
    description: Text = ""
    enabled: bool = True


class ChangeRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the next version of a rule says."""

    condition: Condition
    severity: Severity
    description: Text
    enabled: bool


class ValidateCondition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition to compile."""

    condition: Annotated[str, Meta(max_length=4 * CONDITION_BYTES_MAX)]


class ConditionError(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a condition; line and column count from 1, and are 0 without a place."""

    line: int
    column: int
    message: str


class Validated(Struct, frozen=True, kw_only=True):
    """What the compiler says."""

    valid: bool
    errors: list[ConditionError]


class TryCondition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition to try on the newest events."""

    condition: Condition
    limit: Annotated[int, Meta(ge=1, le=TRIED_MAX, description="Most events.")] = TRIED_MAX
    since: Annotated[Instant | None, Meta(description="Only events recorded since then.")] = None


class TriedEvent(Struct, frozen=True, kw_only=True):
    """An event that the condition matches."""

    payment_id: str
    event_id: str
    type: str
    amount_minor: int | None
    currency: str | None
    exponent: int | None
    recorded_at: Instant


class Tried(Struct, frozen=True, kw_only=True):
    """What a condition would have matched."""

    events: int
    """Events that it was tried on."""
    matches: int
    errors: int
    """Events on which it failed to evaluate, such as by an overflow."""
    complete: bool
    """False when the time was up before all events were tried."""
    sample: list[TriedEvent]
    """The newest matches, 20 at most."""


class VocabularyField(Struct, frozen=True, kw_only=True):
    """One field that a condition may read."""

    name: str
    type: str
    description: str
    words: list[str]
    """The words that it may hold, if they are known."""


class Vocabulary(Struct, frozen=True, kw_only=True):
    """Everything that a condition may read."""

    fields: list[VocabularyField]
