"""Follows ids that grow, although they are committed out of their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Following"]

GAPS_MAX: Final = 20_000
"""Ids below the newest one that are looked for; the oldest are given up beyond that."""


class Following:
    """Knows the newest id and which below it may still come.

    An id that is not there may be of a transaction that is not over yet, or of one that was taken back. It is
    looked for until `settle` says that nothing up to it can come any more.
    """

    def __init__(self, newest: int = 0, present: Iterable[int] = (), behind: int | None = None) -> None:
        """``present`` are the ids in sight behind ``behind``; what misses among them may still come."""
        self.newest = newest
        first = newest if behind is None else behind
        self._gaps: dict[int, None] = dict.fromkeys(range(first + 1, newest + 1))
        for number in present:
            self._gaps.pop(number, None)
        self._bound()

    @property
    def gaps(self) -> list[int]:
        """Ids that may still come, the oldest first."""
        return list(self._gaps)

    @property
    def complete_to(self) -> int:
        """Everything up to this id has been seen, or will never be."""
        return next(iter(self._gaps)) - 1 if self._gaps else self.newest

    def take(self, numbers: Iterable[int]) -> None:
        """Take ids that have come to sight, in ascending order."""
        for number in numbers:
            if number > self.newest:
                self._gaps.update(dict.fromkeys(range(max(self.newest + 1, number - GAPS_MAX), number)))
                self.newest = number
            else:
                self._gaps.pop(number, None)
        self._bound()

    def settle(self, settled: int) -> None:
        """Look no more for what has not come up to an id."""
        while self._gaps and (oldest := next(iter(self._gaps))) <= settled:
            del self._gaps[oldest]

    def _bound(self) -> None:
        while len(self._gaps) > GAPS_MAX:
            del self._gaps[next(iter(self._gaps))]
