"""Proves that the books follow from the audit trail, a stretch of payments at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Protocol

from payflow import _native
from payflow.cancellation import cancel_surely
from payflow.ledger.reading.differences import Difference, Proof

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payflow.events import PaymentEvent
    from payflow.ledger.pool import Connection

__all__ = ["Verification"]

STRETCH_ROWS = 5_000
"""Rows of the trail that are held at a time, and the rest of the last payment."""
DEAD_LETTERS_A_TIME = 5_000
EDITS_A_TIME = 1_000

_SQL = files("payflow.ledger.reading") / "sql"
_STRETCH_END = (_SQL / "stretch_end.sql").read_text()
_TRAIL = (_SQL / "trail.sql").read_text()
_BOOKS = (_SQL / "books.sql").read_text()
_QUARANTINE = (_SQL / "quarantine.sql").read_text()
_EDITS = (_SQL / "edits.sql").read_text()

# Payment ids compare by code point and hold printable characters only, so that none comes after this one, and
# the least id behind another is that one with U+0001 appended.
_LAST = "\U0010ffff"
_LEAST = "\x01"


class Unreadable(Protocol):
    """A payload that is no event, and why."""

    @property
    def index(self) -> int:
        """Its place among the payloads."""

    @property
    def reason(self) -> str:
        """Slug of what is wrong with it."""

    @property
    def path(self) -> str:
        """The JSON path at fault."""


class Decoded(Protocol):
    """What decoding makes of payloads; the first three lists run side by side."""

    events: list[PaymentEvent]
    payloads: list[bytes]
    indexes: list[int]
    """Place of each event among the payloads."""

    @property
    def malformed(self) -> Sequence[Unreadable]:
        """The payloads that are no events."""


@dataclass(frozen=True)
class _Stretch:
    """All that the database has of the payments up to `end`."""

    end: str
    trail: tuple[bytes | None, ...]
    payloads: list[bytes | None]
    books: tuple[bytes | None, ...]


class Verification:
    """Rebuilds payments from their trail and compares.

    Args:
        connection: inside `open_snapshot`, so that trail and tables are of one moment.
        replay: the payment machine, with the policies of the sources.
        decode: turns payloads into events; called in another thread.
        progress: told the rows of the trail that are proved so far.

    """

    def __init__(
        self,
        connection: Connection,
        replay: _native.Replay,
        decode: Callable[[Sequence[bytes]], Decoded],
        *,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._connection = connection
        self._replay = replay
        self._decode = decode
        self._progress = progress

    async def audit_rows_estimate(self) -> int:
        """Estimate the rows of the trail, for a progress bar; numbers that were rolled back count."""
        return int(await self._connection.fetchval("SELECT coalesce(max(audit_id), 0) FROM audit_logs"))

    async def prove(self, payment_id: str | None = None, *, differences_max: int = 100) -> Proof:
        """Prove all payments, or one.

        Raises:
            StoreError: as `open_snapshot`.

        """
        proof = Proof(differences_max)
        start, bound = (_LEAST, _LAST) if payment_id is None else (payment_id, payment_id)
        following: asyncio.Task[_Stretch] | None = asyncio.create_task(self._read(start, bound))
        while following is not None:
            stretch = await following
            # The server reads the next stretch while this one is proved.
            following = (
                None if stretch.end == bound else asyncio.create_task(self._read(stretch.end + _LEAST, bound))
            )
            try:
                await asyncio.to_thread(self._check, stretch, proof)
            except BaseException:
                if following is not None:
                    await cancel_surely([following])
                raise
            self._progress(proof.audit_rows)
        await self._check_dead_letters(payment_id, proof)
        await self._check_edits(payment_id, proof)
        return proof

    async def _read(self, start: str, bound: str) -> _Stretch:
        end = bound
        if start != bound:
            end = await self._connection.fetchval(_STRETCH_END, start, STRETCH_ROWS) or bound
        # Both statements aggregate over everything, so they always return one row.
        trail = tuple(await self._connection.fetchrow(_TRAIL, start, end) or ())
        books = tuple(await self._connection.fetchrow(_BOOKS, start, end) or ())
        return _Stretch(end, trail[:-1], trail[-1] or [], books)

    def _check(self, stretch: _Stretch, proof: Proof) -> None:
        places = [place for place, payload in enumerate(stretch.payloads) if payload is not None]
        decoded = self._decode([payload for payload in stretch.payloads if payload is not None])
        payments, differences, kept = self._replay.check(
            stretch.trail,
            stretch.books,
            _native.Events(decoded.events, decoded.payloads),
            [places[index] for index in decoded.indexes],
            {places[fault.index]: f"{fault.reason} at {fault.path}" for fault in decoded.malformed},
            proof.room,
        )
        proof.payments += payments
        proof.audit_rows += len(stretch.payloads)
        proof.differences_total += differences
        proof.differences += [Difference(*told) for told in kept]

    async def _check_dead_letters(self, payment_id: str | None, proof: Proof) -> None:
        """Prove that what was quarantined is in the trail and was told to somebody."""
        last = 0
        while True:
            rows = await self._connection.fetch(_QUARANTINE, last, DEAD_LETTERS_A_TIME, payment_id)
            for row in rows:
                letter = f"dead letter {row['dead_letter_id']} of event {row['source']}/{row['event_id']}"
                outcome = f"{row['class']} ({row['reason']})"
                if not row["in_trail"]:
                    proof.add(
                        Difference(
                            *("dead_letter_unexplained", row["payment_id"], None, letter),
                            expected=f"a row of the trail with verdict {outcome}",
                            found="none",
                        )
                    )
                if not row["alerted"]:
                    proof.add(
                        Difference(
                            *("dead_letter_without_alert", row["payment_id"], None, letter),
                            expected=f"an alert of the rule {row['class']}",
                            found="none",
                        )
                    )
            proof.dead_letters += len(rows)
            if len(rows) < DEAD_LETTERS_A_TIME:
                return
            last = rows[-1]["dead_letter_id"]

    async def _check_edits(self, payment_id: str | None, proof: Proof) -> None:
        """Prove that metadata which an operator changed is what the trail says it was changed to."""
        last = ""
        while True:
            rows = await self._connection.fetch(_EDITS, last, EDITS_A_TIME, payment_id)
            for row in rows:
                proof.add(
                    Difference(
                        *("edit_differs", row["payment_id"], row["audit_id"], "edited_metadata"),
                        expected=row["expected"] or "none",
                        found=row["found"] or "none",
                    )
                )
            if len(rows) < EDITS_A_TIME:
                return
            last = rows[-1]["payment_id"]
