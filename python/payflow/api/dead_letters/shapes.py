"""Dead letters on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from payflow.api.audit.shapes import AuditEntry
from payflow.api.routing.listing import ListQuery
from payflow.api.routing.values import Identifier, Instant, Note, RowId, Text
from payflow.redrive import RATE_MAX_PER_S

LetterClass = Literal["malformed", "conflict", "impossible", "exhausted", "orphaned"]
LetterStatus = Literal["open", "replayed", "discarded", "any"]
ReplayState = Literal["waiting", "running", "stopping", "done", "stopped", "failed"]
Word = Annotated[str, Meta(min_length=1, max_length=255)]
IDS_MAX = 1_000
LETTERS_MAX = 100_000
REHEARSED_MAX = 1_000


class DeadLetter(Struct, frozen=True, kw_only=True):
    """One delivery that no retry can help, without its body."""

    dead_letter_id: RowId
    klass: LetterClass = field(name="class")
    reason: str
    path: str | None
    """The JSON path at fault."""
    rule: str | None
    """The rule that was broken and the fix."""
    payment_id: str | None
    source: str | None
    event_id: str | None
    correlation_id: str | None
    message_id: str
    receive_count: int
    sent_at: Instant
    recorded_at: Instant
    body_bytes: int
    status: Literal["open", "replayed", "discarded"]
    status_by: str | None
    status_at: Instant | None
    status_note: str | None


class DeadLetterDetail(DeadLetter, frozen=True, kw_only=True):
    """A dead letter with its body and what was done with it."""

    body: str | None
    """The body as it came; null where it is not UTF-8."""
    body_base64: str | None
    """The body where it is not UTF-8."""
    next_step: str | None
    """What to do next, while it is open."""
    history: list[AuditEntry]
    """The newest 100 actions, the newest first."""


class LetterFilters(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which dead letters; filters have to hold together."""

    status: LetterStatus = "open"
    klass: LetterClass | None = field(default=None, name="class")
    reason: Word | None = None
    source: Word | None = None
    payment_id: Identifier | None = None
    since: Instant | None = None
    until: Instant | None = None
    text: Annotated[str, Meta(min_length=2, max_length=200)] | None = None
    """Text in the rule, or in the body as it is. Give it a time: bodies have to be read."""


class GroupsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which dead letters to count."""

    status: LetterStatus = "open"
    klass: LetterClass | None = field(default=None, name="class")
    reason: Word | None = None
    source: Word | None = None
    payment_id: Identifier | None = None
    since: Instant | None = None
    until: Instant | None = None


class LetterGroup(Struct, frozen=True, kw_only=True):
    """Dead letters of one class, reason and source."""

    klass: str = field(name="class")
    reason: str
    source: str | None
    letters: int
    oldest_at: Instant
    newest_at: Instant


class LetterGroups(Struct, frozen=True, kw_only=True):
    """How many there are, by what is wrong with them; the largest groups first."""

    total: int
    groups: list[LetterGroup]


class ChosenLetters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Letters chosen by a filter."""

    status: LetterStatus = "open"
    klass: LetterClass | None = field(default=None, name="class")
    reason: Word | None = None
    source: Word | None = None
    payment_id: Identifier | None = None
    since: Instant | None = None
    until: Instant | None = None
    text: Annotated[str, Meta(min_length=2, max_length=200)] | None = None


class ReplayLetters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to replay: ids, or a filter."""

    dry_run: bool
    ids: Annotated[list[RowId], Meta(min_length=1, max_length=IDS_MAX)] | None = None
    filter: ChosenLetters | None = None
    limit: Annotated[int, Meta(ge=1, le=LETTERS_MAX, description="Most letters, the oldest first.")] = 1_000
    rate_per_s: Annotated[int, Meta(ge=1, le=RATE_MAX_PER_S)] = 100
    note: Text = ""


class Foreseen(Struct, frozen=True, kw_only=True):
    """What would become of one letter."""

    dead_letter_id: RowId
    verdict: str
    reason: str
    rule: str | None
    payment_id: str | None
    event_id: str | None
    source: str | None
    type: str | None
    amount_minor: int | None
    currency: str | None
    exponent: int | None


class MovedSum(Struct, frozen=True, kw_only=True):
    """By how much one sum of all payments in one currency would change."""

    currency: str
    exponent: int
    sum: str
    change_minor: int


class Replay(Struct, frozen=True, kw_only=True):
    """A replay that runs in the background."""

    replay_id: RowId
    state: ReplayState
    requested_by: str
    requested_at: Instant
    finished_at: Instant | None
    note: str
    rate_per_s: int
    limit: int
    sent: int
    failed: int
    failures: dict[str, str]
    """Letters that the queue did not take, each with the reason; the first 100."""
    error: str | None


class ReplayAnswer(Struct, frozen=True, kw_only=True):
    """What a replay would do, or the one that was begun."""

    dry_run: bool
    letters: int
    counts: dict[str, int]
    """Letters by what would become of them; empty for one that was begun."""
    moved: list[MovedSum]
    parked_freed: dict[str, int]
    """Parked facts that would leave, by verdict."""
    sample: list[Foreseen]
    """The first 100."""
    replay: Replay | None


class DiscardLetters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to close without a replay, and why."""

    note: Note
    ids: Annotated[list[RowId], Meta(min_length=1, max_length=IDS_MAX)] | None = None
    filter: ChosenLetters | None = None


class Discarded(Struct, frozen=True, kw_only=True):
    """How many letters were closed."""

    discarded: int


class ReplaysQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many replays to list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class Replays(Struct, frozen=True, kw_only=True):
    """Replays, the newest first."""

    items: list[Replay]
