"""Which dead letters a command is about: ids, and filters that all have to hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from payflow.cli.moments import moment

if TYPE_CHECKING:
    from datetime import datetime

    from payflow.ledger.quarantine import LetterFilter


@Parameter(name="*")
@dataclass(frozen=True)
class Chosen:
    """The filters of `payflow dlq`."""

    klass: Annotated[
        str | None,
        Parameter(name="--class", help="malformed, conflict, impossible, exhausted or orphaned."),
    ] = None
    reason: Annotated[str | None, Parameter(help="Slug of the reason.")] = None
    source: Annotated[str | None, Parameter(help="Source of the event.")] = None
    payment: Annotated[str | None, Parameter(help="Id of the payment.")] = None
    since: Annotated[str | None, Parameter(help="Recorded since: an age (15m, 2h, 3d) or a date in UTC.")] = (
        None
    )
    until: Annotated[str | None, Parameter(help="Recorded before: an age or a date.")] = None
    text: Annotated[str | None, Parameter(help="Text in the rule, or in the body as it is.")] = None
    status: Annotated[
        Literal["open", "replayed", "discarded", "any"] | None,
        Parameter(help="What was made of it; open without, any where ids are given."),
    ] = None

    def filter(self, ids: tuple[int, ...], now: datetime) -> LetterFilter:
        """Give the filter.

        Raises:
            ValueError: a time can't be read.

        """
        from payflow.ledger.quarantine import LetterFilter  # noqa: PLC0415

        status = self.status or ("any" if ids else "open")
        return LetterFilter(
            ids=ids or None,
            status=None if status == "any" else status,
            klass=self.klass,
            reason=self.reason,
            source=self.source,
            payment_id=self.payment,
            since=moment(self.since, now),
            until=moment(self.until, now),
            text=self.text,
        )
