"""Finds entries of the trail by any filter, in bounded steps whatever the table's size.

What is about one payment or was done by people has an index. All else is found by blocks: the rollup notes
for each 512 ids which actions, sources, verdicts and actors occur there. A search looks at the blocks that
may have what is asked for, and at the newest rows that are not noted yet; where it has looked at enough, it
says how far it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from payflow.api.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg import Record

    from payflow.api.audit.shapes import AuditFilters, ExportQuery
    from payflow.ledger.pool import Connection

__all__ = ["Found", "Search"]

BLOCKS_MAX: Final = 64
"""Blocks that one search looks into."""
TAIL_MAX: Final = 32_768
"""Ids of rows that are not noted yet, that one search looks at."""
BLOCK_BITS: Final = 9
ABOVE_ALL: Final = 2**62

_ROWS = Statement("payflow.api.audit", "rows")
_BLOCKS = Statement("payflow.api.audit", "blocks")
_IN_BLOCKS = Statement("payflow.api.audit", "in_blocks")
_INDEXED = Statement("payflow.api.audit", "indexed")

_FACETS: Final = ("actor", "action", "source", "verdict")
"""From the one that narrows most to the one that narrows least, as a rule."""


@dataclass(frozen=True)
class Found:
    """What a search came to."""

    rows: Sequence[Record]
    reached: int | None
    """Where to go on, when it stopped before it had all that was wanted; that id is not looked at yet."""


class Search:
    """One set of filters."""

    def __init__(
        self, query: AuditFilters | ExportQuery, *, payload: bool = False, counting: bool = False
    ) -> None:
        """``payload`` reads the events too, ``counting`` nothing but ids."""
        kind = query.subject_kind
        about_payments = kind == "payment"
        payment_id = query.payment_id
        if about_payments and query.subject_id is not None:
            payment_id = payment_id or query.subject_id
        self._by_index = payment_id is not None or query.operators_only or (kind and not about_payments)
        self._contradicts = about_payments and query.subject_id not in {None, payment_id}
        self._given: dict[str, Any] = {
            "payment_id": payment_id,
            "actor": query.actor,
            "action": query.action,
            "verdict": query.verdict,
            "source": query.source,
            "operators_only": query.operators_only or None,
            "about_payments": about_payments or None,
            "subject_kind": None if about_payments else kind,
            "subject_id": None if about_payments else query.subject_id,
            "from_at": query.from_,
            "to_at": query.to,
            "payload": payload or None,
            "counting": counting or None,
        }

    async def rows(
        self, connection: Connection, *, behind: int | None, limit: int, backwards: bool = False
    ) -> Found:
        """Find rows behind an id, the newest first; backwards: ahead of it, the oldest first."""
        if self._contradicts:
            return Found([], None)
        above, below = (0, ABOVE_ALL)
        if behind is not None:
            above, below = (behind, ABOVE_ALL) if backwards else (0, behind)
        narrowed = any(self._given[name] is not None for name in (*_FACETS, "from_at", "to_at"))
        if self._by_index or not narrowed:
            return Found(await self._between(connection, above, below, limit, backwards=backwards), None)
        text, parameters = _INDEXED.fill()
        state = await connection.fetchrow(text, *parameters)
        steps = _Steps(self, connection, state["indexed"], state["newest"], limit, backwards=backwards)
        return await steps.search(above, below)

    async def _between(
        self, connection: Connection, above: int, below: int, limit: int, *, backwards: bool
    ) -> list[Record]:
        text, parameters = _ROWS.fill(
            **self._given, above=above, below=below, limit=limit, backwards=backwards or None
        )
        found: list[Record] = await connection.fetch(text, *parameters)
        return found


class _Steps:
    """One search by blocks, and through the rows ahead of them that are not noted yet."""

    def __init__(
        self,
        search: Search,
        connection: Connection,
        indexed: int,
        newest: int,
        limit: int,
        *,
        backwards: bool,
    ) -> None:
        self._search = search
        self._connection = connection
        self._indexed = indexed
        self._newest = newest
        self._limit = limit
        self._backwards = backwards
        self._rows: list[Record] = []

    async def search(self, above: int, below: int) -> Found:
        parts = [self._tail, self._blocks]
        for part in reversed(parts) if self._backwards else parts:
            reached = await part(above, below)
            if len(self._rows) >= self._limit:
                return Found(self._rows, None)
            if reached is not None:
                return Found(self._rows, reached)
        return Found(self._rows, None)

    async def _tail(self, above: int, below: int) -> int | None:
        """Look at rows that are not noted yet; give where to go on if there are too many."""
        above, below = max(above, self._indexed), min(below, self._newest + 1)
        if above + 1 >= below:
            return None
        whole = below - above <= TAIL_MAX
        if not whole and self._backwards:
            below = above + TAIL_MAX
        elif not whole:
            above = below - TAIL_MAX
        wanted = self._limit - len(self._rows)
        self._rows += await self._search._between(  # noqa: SLF001 - the steps are the search's own
            self._connection, above, below, wanted, backwards=self._backwards
        )
        if whole:
            return None
        return below - 1 if self._backwards else above + 1

    async def _blocks(self, above: int, below: int) -> int | None:
        """Look into the blocks that may have it; give where to go on if there are too many."""
        below = min(below, self._indexed + 1)
        given = self._search._given  # noqa: SLF001
        facets = [name for name in _FACETS if given[name] is not None]
        drive = {"facet": facets[0], "value": given[facets[0]]} if facets else {}
        text, parameters = _BLOCKS.fill(
            **drive,
            **{name: given[name] for name in facets[1:]},
            from_at=given["from_at"],
            to_at=given["to_at"],
            first_block=(above + 1) >> BLOCK_BITS,
            last_block=(below - 1) >> BLOCK_BITS,
            backwards=self._backwards or None,
            limit=BLOCKS_MAX,
        )
        blocks: list[int] = [row["block"] for row in await self._connection.fetch(text, *parameters)]
        if not blocks:
            return None
        text, parameters = _IN_BLOCKS.fill(
            **given,
            blocks=blocks,
            above=above,
            below=below,
            limit=self._limit - len(self._rows),
            backwards=self._backwards or None,
        )
        self._rows += await self._connection.fetch(text, *parameters)
        if len(blocks) < BLOCKS_MAX:
            return None
        if self._backwards:
            return ((blocks[-1] + 1) << BLOCK_BITS) - 1
        return (blocks[-1] << BLOCK_BITS) or None  # ids begin at 1: nothing lies behind the first block
