"""Up to where a table that only grows is complete, although ids are committed out of their order."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

__all__ = ["Settling"]

Newest = TypeVar("Newest")

LOOKS_MAX: Final = 64
"""Looks that are remembered while some transaction goes on for long; the ones after it wait for it."""


@dataclass
class _Look(Generic[Newest]):
    newest: Newest
    fence: int | None = None
    """Transactions that began before the next look have lower numbers than this."""


class Settling(Generic[Newest]):
    """Tells which of the newest ids that were seen can't be joined by lower ones any more.

    An id is drawn before its row is committed, so a row may come to sight after rows with higher ids.
    Whoever had drawn an id up to `newest` at one look has a transaction number by the next look. Once all
    transactions with lower numbers than the next one of that second look are over, no row up to `newest` is
    still to come. No time has to be guessed; a transaction that writes for long holds it up.
    """

    def __init__(self) -> None:
        self._looks: deque[_Look[Newest]] = deque()

    def look(self, newest: Newest, oldest: int, next_: int) -> Newest | None:
        """Take one look at the table; give the newest id that is settled since the last look, if any.

        Args:
            newest: the highest id in sight, or several of several tables.
            oldest: the oldest transaction that is under way, of the same snapshot (`pg_snapshot_xmin`).
            next_: the number of the next transaction, of the same snapshot (`pg_snapshot_xmax`).

        """
        if self._looks and self._looks[-1].fence is None:
            self._looks[-1].fence = next_
        settled = None
        while self._looks and (fence := self._looks[0].fence) is not None and oldest >= fence:
            settled = self._looks.popleft().newest
        if len(self._looks) < LOOKS_MAX:
            self._looks.append(_Look(newest))
        return settled
