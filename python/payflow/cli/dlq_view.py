"""How dead letters look: tables on a terminal, the same as plain text when piped."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from payflow.ledger.quarantine import NEXT_STEPS
from payflow.ledger.reading.money import decimal_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from payflow.ledger.quarantine import Action, Letter, LetterCount, LetterPage, Rehearsal

PIPED_WIDTH = 400
"""Columns of piped output: wide enough that no id is cut, and unused width costs nothing."""
BODY_CHARACTERS_MAX = 4_096
"""Of the body, on a page for people; --json has all of it."""

_NUMBERS = frozenset({"id", "letters", "receives", "amount", "change"})
_FOLDED = frozenset({"reason", "event", "payment", "operation", "what is wrong", "what it needs"})
_STYLES = {
    "apply": "green",
    "premature": "yellow",
    "stale": "dim",
    "duplicate": "dim",
    "open": "yellow",
    "replayed": "green",
    "discarded": "dim",
}
_WRONG = "bold red"


def print_letters(page: LetterPage) -> None:
    """Print one page of dead letters."""
    table = table_of("id", "recorded", "class", "reason", "source", "payment", "event", "status", "by")
    for letter in page.letters:
        table.add_row(
            str(letter.dead_letter_id),
            time_text(letter.recorded_at),
            Text(letter.klass, _WRONG),
            letter.reason,
            Text(letter.source or ""),
            Text(letter.payment_id or ""),
            Text(letter.event_id or ""),
            Text(letter.status, _STYLES.get(letter.status, "")),
            Text(letter.status_by or ""),
        )
    console = console_for_output()
    print_table(table, console)
    if page.next_before is not None:
        console.print(f"There are more: --before {page.next_before}")
    if not page.letters:
        console.print("No dead letter is like that")


def print_groups(counted: LetterCount) -> None:
    """Print how many there are, and of what."""
    table = table_of("letters", "class", "reason", "source", "oldest", "newest")
    for group in counted.groups:
        table.add_row(
            f"{group.letters:,}",
            Text(group.klass, _WRONG),
            group.reason,
            Text(group.source or ""),
            time_text(group.oldest_at),
            time_text(group.newest_at),
        )
    console = console_for_output()
    print_table(table, console)
    unlisted = counted.total_groups - len(counted.groups)
    more = f"; {unlisted:,} smaller groups are not listed" if unlisted else ""
    console.print(f"{counted.total:,} dead letters in {counted.total_groups:,} groups{more}")


def print_letter(letter: Letter, body: bytes, actions: Sequence[Action]) -> None:
    """Print one dead letter."""
    console = console_for_output()
    head = ("Dead letter ", "bold"), (str(letter.dead_letter_id), "bold cyan"), "   "
    console.print(Text.assemble(*head, (f"{letter.klass}: {letter.reason}", _WRONG), f"   {letter.status}"))
    times = f"sent {time_text(letter.sent_at)}, recorded {time_text(letter.recorded_at)}"
    for name, value in (
        ("what is wrong", letter.rule),
        ("at", letter.path),
        ("payment", letter.payment_id),
        ("event", letter.event_id),
        ("source", letter.source),
        ("correlation", letter.correlation_id),
        ("message", letter.message_id),
        ("delivered", f"{letter.receive_count} times; {times}"),
        ("next", NEXT_STEPS.get(letter.klass, "") if letter.status == "open" else None),
    ):
        if value:
            console.print(Text.assemble((f"{name:<14}", "dim"), value))
    for action in actions:
        told = f"{action.action.rpartition('.')[2]} by {action.actor}, {time_text(action.recorded_at)}"
        bodies = " (--json has both bodies)" if action.details and "after" in action.details else ""
        console.print(Text((f"{told}: {action.note}" if action.note else told) + bodies))
    text = body.decode("utf-8", "backslashreplace")
    cut = len(text) - BODY_CHARACTERS_MAX
    console.print(Text(text[:BODY_CHARACTERS_MAX]))
    if cut > 0:
        console.print(f"... and {cut:,} characters more; --json has them")


def print_rehearsal(rehearsal: Rehearsal, *, each: bool) -> None:
    """Print what a replay would do: in sum, and for each letter if wanted."""
    console = console_for_output()
    if each and rehearsal.foreseen:
        table = table_of("id", "verdict", "reason", "payment", "event", "type", "amount", "what is wrong")
        for foreseen in rehearsal.foreseen:
            table.add_row(
                str(foreseen.dead_letter_id),
                Text(foreseen.verdict, _STYLES.get(foreseen.verdict, _WRONG)),
                foreseen.reason,
                Text(foreseen.payment_id or ""),
                Text(foreseen.event_id or ""),
                foreseen.type or "",
                amount_text(foreseen.amount_minor, foreseen.exponent, foreseen.currency),
                Text(foreseen.rule or ""),
            )
        print_table(table, console)
    if rehearsal.moved:
        table = table_of("currency", "sum", "change")
        for moved in rehearsal.moved:
            change = decimal_text(moved.change_minor, moved.exponent)
            table.add_row(moved.currency, moved.sum.removesuffix("_minor").replace("_", " "), change)
        print_table(table, console)
    verdicts = ", ".join(f"{count:,} {verdict}" for verdict, count in rehearsal.verdicts.most_common())
    console.print(f"{len(rehearsal.foreseen):,} letters" + (f": {verdicts}" if verdicts else ""))
    if rehearsal.parked_freed:
        freed = ", ".join(f"{count:,} {verdict}" for verdict, count in rehearsal.parked_freed.items())
        console.print(f"Parked facts that would leave parking: {freed}")


def document(entry: msgspec.Struct) -> dict[str, Any]:
    """Give an entry for programs."""
    told = msgspec.structs.asdict(entry)
    if "klass" in told:
        told = {"class" if name == "klass" else name: value for name, value in told.items()}
    return told


def whole_document(letter: Letter, body: bytes, actions: Sequence[Action]) -> dict[str, Any]:
    """Give one dead letter for programs; the body as text, with escapes for bytes that are no UTF-8."""
    return {
        **document(letter),
        "body": body.decode("utf-8", "backslashreplace"),
        "actions": list(map(document, actions)),
    }


def rehearsal_document(rehearsal: Rehearsal) -> dict[str, Any]:
    """Give what a replay would do for programs."""
    return {
        "letters": list(map(document, rehearsal.foreseen)),
        "verdicts": dict(rehearsal.verdicts),
        "moved": list(map(document, rehearsal.moved)),
        "parked_freed": dict(rehearsal.parked_freed),
    }


@contextlib.contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how many are done while standard error is a terminal; give what moves it on."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,.0f} letters"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None)
        yield lambda count: progress.advance(task, count)


def amount_text(minor: int | None, exponent: int | None, currency: str | None) -> str:
    """Write an amount with its currency, or nothing where there is none."""
    return "" if minor is None else f"{decimal_text(minor, exponent or 0)} {currency}"


def time_text(moment: datetime) -> str:
    """Write a time in UTC to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


def console_for_output() -> Console:
    """Give a console for standard output, wide when piped."""
    return Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH)


def print_table(table: Table, console: Console) -> None:
    """Print a table that has rows; without frames when piped."""
    if table.row_count:
        plain = not console.is_terminal
        table.box = None if plain else box.SIMPLE_HEAD
        table.pad_edge = not plain
        console.print(table)


def table_of(*columns: str) -> Table:
    """Make a table; the columns that may be long fold where a terminal is narrow."""
    table = Table()
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in _NUMBERS else "left",
            no_wrap=column not in _FOLDED,
            overflow="fold",
        )
    return table
