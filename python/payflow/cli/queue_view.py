"""How messages that wait in the database look."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from rich.text import Text

from payflow.cli.dlq_view import console_for_output, print_table, table_of, time_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.ledger.deferral import Deferred, Waiting

__all__ = ["deferred_document", "place_of", "print_deferred"]


def place_of(text: str | None) -> tuple[datetime, int] | None:
    """Read a place in the list: the time and the id of the entry before it.

    Raises:
        ValueError: it is none.

    """
    if text is None:
        return None
    moment, _, deferred_id = text.rpartition("/")
    wrong = f"--behind: {text} is no place in the list; take the next_behind of a page"
    try:
        due_at, number = datetime.fromisoformat(moment), int(deferred_id)
    except ValueError as error:
        raise ValueError(wrong) from error
    if due_at.tzinfo is None:
        raise ValueError(wrong)
    return due_at, number


def deferred_document(waiting: Waiting, page: Sequence[Deferred], limit: int) -> dict[str, Any]:
    """Give one page for programs."""
    return {
        **msgspec.structs.asdict(waiting),
        "page": [msgspec.structs.asdict(row) for row in page],
        "next_behind": _next(page, limit),
    }


def print_deferred(waiting: Waiting, page: Sequence[Deferred], limit: int) -> None:
    """Print one page."""
    table = table_of("due", "attempts", "receives", "cause", "reason", "payment", "event", "message", "error")
    for row in page:
        table.add_row(
            time_text(row.due_at),
            str(row.attempts),
            str(row.receives),
            row.cause,
            row.reason,
            Text(row.payment_id or ""),
            Text(row.event_id or ""),
            Text(row.message_id),
            Text(row.error),
        )
    console = console_for_output()
    print_table(table, console)
    if waiting.messages:
        console.print(f"{waiting.messages:,} wait in the database, {waiting.overdue:,} of them overdue")
    else:
        console.print("No message waits in the database")
    place = _next(page, limit)
    if place is not None:
        console.print(f"There may be more: --behind {place}")


def _next(page: Sequence[Deferred], limit: int) -> str | None:
    return f"{page[-1].due_at.isoformat()}/{page[-1].deferred_id}" if len(page) == limit else None
