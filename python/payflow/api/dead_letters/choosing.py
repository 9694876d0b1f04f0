"""From what a call names to the filter of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.api.routing.problems import INVALID_BODY, Fault, ProblemError
from payflow.ledger.quarantine import LetterFilter

if TYPE_CHECKING:
    from payflow.api.dead_letters.shapes import ChosenLetters, GroupsQuery, LetterFilters

__all__ = ["by_ids_or_filter", "of_query"]


def of_query(query: LetterFilters | GroupsQuery | ChosenLetters) -> LetterFilter:
    """Give the filter of a list, or of letters that are chosen by one."""
    return LetterFilter(
        status=None if query.status == "any" else query.status,
        klass=query.klass,
        reason=query.reason,
        source=query.source,
        payment_id=query.payment_id,
        since=query.since,
        until=query.until,
        text=getattr(query, "text", None),
    )


def by_ids_or_filter(ids: list[str] | None, chosen: ChosenLetters | None) -> LetterFilter:
    """Give the filter of letters to act on; that all are meant has to be said by an empty filter.

    Raises:
        ProblemError: invalid_body, unless exactly one of them is given.

    """
    if ids is not None and chosen is None:
        return LetterFilter(ids=tuple(map(int, ids)))
    if chosen is not None and ids is None:
        return of_query(chosen)
    rule = "give either ids or a filter; an empty filter means all open letters"
    raise ProblemError(INVALID_BODY, detail=rule, errors=[Fault("/ids", rule)])
