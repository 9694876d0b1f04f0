"""Lists: the parameters that all of them share, pages by key instead of by number, and bounded counts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from payflow.api.routing.cursors import CURSOR_LENGTH_MAX
from payflow.api.routing.fields import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payflow.api.routing.route import Call

COUNT_MAX: Final = 10_000
"""Where counting stops: `LIMIT COUNT_MAX + 1` in the statement, then `Count.of`."""

T = TypeVar("T")
Row = TypeVar("Row")

_NOT_BOUND: Final = frozenset({"limit", "cursor", "count"})


class ListQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of every list."""

    limit: Annotated[int, Meta(ge=1, le=200, description="Most rows of the page.")] = 50
    cursor: (
        Annotated[str, Meta(min_length=1, max_length=CURSOR_LENGTH_MAX, description="From an answer before.")]
        | None
    ) = None
    count: Annotated[bool, Meta(description="Whether to count what the filters match, up to 10,000.")] = False


class Count(Struct, frozen=True):
    """How many rows the filters match; a capped one says "at least"."""

    value: int
    capped: bool

    @classmethod
    def of(cls, counted: int) -> Count:
        """Take what a statement counted up to ``COUNT_MAX + 1``."""
        return cls(min(counted, COUNT_MAX), counted > COUNT_MAX)


class Page(Struct, Generic[T], frozen=True):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None
    prev_cursor: str | None
    count: Count | None


@dataclass(frozen=True)
class Window:
    """Which page is wanted: ``limit`` rows after ``position`` in the list's order, or before it.

    The statement fetches ``limit + 1`` rows, in reverse order when ``backwards``.
    """

    limit: int
    position: tuple[Any, ...] | None = None
    backwards: bool = False


def window(call: Call) -> Window:
    """Read the page that a call wants.

    Raises:
        ProblemError: invalid_query, when its cursor is not for this list.

    """
    query: ListQuery = call.query
    if query.cursor is None:
        return Window(query.limit)
    backwards, position = call.services.cursors.open(query.cursor, _bound_to(call))
    return Window(query.limit, tuple(position), bool(backwards))


def page(
    call: Call,
    asked: Window,
    rows: Sequence[Row],
    *,
    key: Callable[[Row], Sequence[Any]],
    shape: Callable[[Row], T],
    counted: int | None = None,
    stopped_at: Sequence[Any] | None = None,
) -> Page[T]:
    """Make the page of the rows that the statement fetched for this window.

    Args:
        call: the call that is answered.
        asked: the window.
        rows: at most ``limit + 1``, in the order that they were fetched in.
        key: gives a row's position, values that JSON holds exactly.
        shape: makes the item of a row.
        counted: what was counted, up to ``COUNT_MAX + 1``.
        stopped_at: the position at which the statement stopped looking before it had found enough; the next
            page goes on behind it, and this one may be short.

    """
    more = len(rows) > asked.limit
    kept = list(rows[: asked.limit])
    ahead = key(kept[-1]) if kept and more else stopped_at
    if asked.backwards:
        kept.reverse()
    if asked.backwards:
        following, previous = (key(kept[-1]) if kept else None), ahead
    else:
        following, previous = ahead, (key(kept[0]) if kept and asked.position is not None else None)
    bound_to = _bound_to(call)
    seal = call.services.cursors.seal
    return Page(
        items=[shape(row) for row in kept],
        next_cursor=None if following is None else seal([0, list(following)], bound_to),
        prev_cursor=None if previous is None else seal([1, list(previous)], bound_to),
        count=None if counted is None else Count.of(counted),
    )


def _bound_to(call: Call) -> bytes:
    """Digest what a cursor belongs to: the route, its path, and every filter and the order."""
    shape: type[Struct] = type(call.query)
    filters = {
        field.encode_name: getattr(call.query, field.name)
        for field in fields_of(shape)
        if field.name not in _NOT_BOUND
    }
    named = msgspec.json.encode([call.route.operation_id, call.path, filters], order="sorted")
    return hashlib.sha256(named).digest()
