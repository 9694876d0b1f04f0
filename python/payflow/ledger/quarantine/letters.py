"""Dead letters for operators: listed, counted, shown, and marked with what was made of them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the types of the fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from payflow.ledger.quarantine.statements import planned_for_its_filter, statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payflow.ledger.pool import Connection

__all__ = [
    "NEXT_STEPS",
    "Action",
    "Group",
    "Letter",
    "LetterBody",
    "LetterCount",
    "LetterFilter",
    "LetterPage",
    "count_letters",
    "count_up_to",
    "ids_of",
    "list_letters",
    "list_letters_back",
    "mark_letters",
    "next_bodies",
    "read_letter",
]

ACTIONS_MAX = 100
"""Actions on one letter that are shown, the newest."""
GROUPS_MAX = 1_000
_LAST = 2**63 - 1

NEXT_STEPS: Final = MappingProxyType(
    {
        "malformed": "have the sender corrected; replay it if PayFlow's sources file was wrong and is mended",
        "conflict": "ask the provider which of the two is true; a replay would conflict or be a duplicate",
        "impossible": "check payment and amount with the provider; a replay would be a duplicate",
        "exhausted": "find its message id in the workers' logs, mend what failed, then replay it",
        "orphaned": "find out why what it waited for never came; a replay would be a duplicate",
    }
)
"""What an operator does next about an open letter, by its class."""

_LIST = statement("list")
_LIST_BACK = statement("list_back")
_IDS = statement("ids")
_COUNTED = statement("counted")
_COUNT = statement("count")
_BATCH = statement("batch")
_LETTER = statement("letter")
_ACTIONS = statement("actions")
_MARK = statement("mark")


class LetterFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which dead letters; what is None selects all. `text` is looked for in the rule and in the body."""

    ids: tuple[int, ...] | None = None
    status: str | None = None
    klass: str | None = None
    reason: str | None = None
    source: str | None = None
    payment_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None

    def parameters(self) -> list[object]:
        """Give $1 to $9 of the statements."""
        ids = None if self.ids is None else list(self.ids)
        return [
            *(ids, self.status, self.klass, self.reason, self.source, self.payment_id),
            *(self.since, self.until, self.text),
        ]

    @property
    def selects_all(self) -> bool:
        """Whether nothing but the status narrows it."""
        return all(getattr(self, name) is None for name in self.__struct_fields__ if name != "status")


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One dead letter without its body."""

    dead_letter_id: int
    klass: str
    reason: str
    path: str | None
    rule: str | None
    payment_id: str | None
    source: str | None
    event_id: str | None
    correlation_id: str | None
    message_id: str
    receive_count: int
    """How often the queue had delivered it; 0 for an orphan, which came with no message."""
    sent_at: datetime
    recorded_at: datetime
    body_bytes: int
    status: str
    """`open`, `replayed` or `discarded`."""
    status_by: str | None
    status_at: datetime | None
    status_note: str | None


class LetterPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some dead letters, the newest first."""

    letters: list[Letter]
    next_before: int | None
    """The next page lies before this id; None when there is none."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters of one class, reason and source."""

    klass: str
    reason: str
    source: str | None
    letters: int
    oldest_at: datetime
    newest_at: datetime


class LetterCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many, and the largest groups of them."""

    total: int
    total_groups: int
    groups: list[Group]


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator did."""

    action: str
    actor: str
    note: str
    recorded_at: datetime
    details: dict[str, Any] | None = None
    """What it changed, as the action tells it: an edit has the bodies `before` and `after`."""


class LetterBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay needs of a dead letter."""

    dead_letter_id: int
    klass: str
    reason: str
    status: str
    body: bytes


async def list_letters(
    connection: Connection, chosen: LetterFilter, *, limit: int, before: int | None = None
) -> LetterPage:
    """List one page of dead letters, the newest first; `before` is the `next_before` of the page ahead."""
    behind = _LAST if before is None else before
    async with planned_for_its_filter(connection):
        rows = await connection.fetch(_LIST, *chosen.parameters(), behind, limit + 1)
    letters = [Letter(**row) for row in rows[:limit]]
    more = len(rows) > limit
    return LetterPage(letters=letters, next_before=letters[-1].dead_letter_id if more else None)


async def list_letters_back(
    connection: Connection, chosen: LetterFilter, *, limit: int, ahead_of: int
) -> list[Letter]:
    """List dead letters that are newer than one, the oldest first: the way back through pages."""
    async with planned_for_its_filter(connection):
        rows = await connection.fetch(_LIST_BACK, *chosen.parameters(), ahead_of, limit)
    return [Letter(**row) for row in rows]


async def count_up_to(connection: Connection, chosen: LetterFilter, bound: int) -> int:
    """Count dead letters, and stop at a bound."""
    async with planned_for_its_filter(connection):
        counted: int = await connection.fetchval(_COUNTED, *chosen.parameters(), bound)
    return counted


async def ids_of(connection: Connection, chosen: LetterFilter, limit: int) -> list[int]:
    """Give the ids of the oldest letters that match."""
    async with planned_for_its_filter(connection):
        rows = await connection.fetch(_IDS, *chosen.parameters(), limit)
    return [row["dead_letter_id"] for row in rows]


async def count_letters(connection: Connection, chosen: LetterFilter) -> LetterCount:
    """Count dead letters in groups of class, reason and source, the largest first."""
    async with planned_for_its_filter(connection):
        rows = await connection.fetch(_COUNT, *chosen.parameters(), GROUPS_MAX)
    return LetterCount(
        total=rows[0]["total"] if rows else 0,
        total_groups=rows[0]["total_groups"] if rows else 0,
        groups=[Group(**{name: row[name] for name in Group.__struct_fields__}) for row in rows],
    )


async def read_letter(
    connection: Connection, dead_letter_id: int
) -> tuple[Letter, bytes, list[Action]] | None:
    """Read one dead letter with its body and the newest actions on it; None when there is none of that id."""
    row = await connection.fetchrow(_LETTER, dead_letter_id)
    if row is None:
        return None
    columns = dict(row)
    body: bytes = columns.pop("body")
    actions = await connection.fetch(_ACTIONS, dead_letter_id, ACTIONS_MAX)
    return Letter(**columns), body, list(map(_action, actions))


def _action(row: Mapping[str, Any]) -> Action:
    columns = dict(row)
    details = columns.pop("details")
    return Action(**columns, details=None if details is None else msgspec.json.decode(details))


async def next_bodies(
    connection: Connection, chosen: LetterFilter, *, after: int, limit: int
) -> list[LetterBody]:
    """Read the bodies of the letters behind id `after`, the oldest first."""
    async with planned_for_its_filter(connection):
        rows = await connection.fetch(_BATCH, *chosen.parameters(), after, limit)
    return [LetterBody(**row) for row in rows]


async def mark_letters(
    connection: Connection,
    ids: Sequence[int],
    status: Literal["replayed", "discarded"],
    *,
    actor: str,
    note: str,
    now: datetime,
) -> int:
    """Mark letters, and record in the trail who did it; return how many were marked."""
    action = f"dead_letter.{status}"
    return len(await connection.fetch(_MARK, list(ids), status, actor, now, note, action))
