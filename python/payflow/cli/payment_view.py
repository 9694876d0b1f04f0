"""How one payment looks: tables on a terminal, the same as plain text when piped."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from payflow.ledger.reading.money import decimal_text

if TYPE_CHECKING:
    from datetime import datetime

    from payflow.ledger.reading.payment_page import Delivery, PaymentPage

PIPED_WIDTH = 400
"""Columns of piped output: wide enough that no id is cut, and unused width costs nothing."""

_NUMBERS = frozenset({"amount", "row", "version"})
_FOLDED = frozenset(
    {"event", "operation", "parent", "reason", "recorded", "status", "first sight", "message"}
)
"""Columns that take a second line where a terminal is narrow."""

_VERDICT_STYLES = {
    "apply": "green",
    "premature": "yellow",
    "stale": "dim",
    "duplicate": "dim",
    "conflict": "bold red",
    "impossible": "bold red",
    "malformed": "bold red",
}
_SEVERITY_STYLES = {"critical": "bold red", "high": "red", "warning": "yellow", "info": "dim"}


def print_page(page: PaymentPage, console: Console | None = None) -> None:
    """Print the payment."""
    if console is None:
        console = Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH)
    plain = not console.is_terminal
    _print_head(page, console)
    tables = [
        _sums(page),
        _operations(page),
        _timeline(page),
        _parked(page),
        _alerts(page),
        _dead_letters(page),
    ]
    for table in tables:
        if table.row_count:
            table.box = None if plain else box.SIMPLE_HEAD
            table.pad_edge = not plain
            console.print()
            console.print(table)


def _print_head(page: PaymentPage, console: Console) -> None:
    status_style = "bold green" if page.currency else "bold yellow"
    line = Text.assemble(
        ("Payment ", "bold"), (page.payment_id, "bold cyan"), "   ", (page.status, status_style)
    )
    if page.dispute_status != "none":
        line.append(f"   dispute {page.dispute_status}", "bold red")
    owner = (
        f"merchant {page.merchant_id}, by {page.source}"
        if page.currency
        else "not created yet: only facts that wait for its authorization"
    )
    times = f"created {_time(page.created_at)}, changed {_time(page.updated_at)}"
    console.print(line)
    console.print(Text(f"{owner}; version {page.version}; {times}"))
    if page.metadata:
        console.print(Text(f"metadata {page.metadata}"))


def _table(title: str, *columns: str, shown: int | None = None, total: int | None = None) -> Table:
    if shown is not None and total is not None:
        title += f" ({total:,})" if shown == total else f" (the newest {shown:,} of {total:,})"
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in _NUMBERS else "left",
            no_wrap=column not in _FOLDED,
            overflow="fold",
        )
    return table


def _sums(page: PaymentPage) -> Table:
    table = _table(f"Sums in {page.currency}" if page.currency else "Sums", "sum", "amount")
    sums = page.sums
    for name, minor in (
        ("authorized", sums.authorized_minor),
        ("released", sums.released_minor),
        ("captured", sums.captured_minor),
        ("capture failed", sums.capture_failed_minor),
        ("capture pending", sums.capture_pending_minor),
        ("refunded", sums.refunded_minor),
        ("refund pending", sums.refund_pending_minor),
        ("release pending", sums.release_pending_minor),
        ("disputed", sums.disputed_minor),
        ("overcapture allowance", sums.overcapture_allowance_minor),
    ):
        if minor:
            table.add_row(name, decimal_text(minor, page.exponent))
    table.add_section()
    table.add_row("capturable", decimal_text(sums.capturable_minor, page.exponent))
    table.add_row("refundable", decimal_text(sums.refundable_minor, page.exponent))
    over_returned = decimal_text(sums.over_returned_minor, page.exponent)
    table.add_row("over-returned", Text(over_returned, "bold red" if sums.over_returned_minor else ""))
    return table


def _operations(page: PaymentPage) -> Table:
    columns = ("occurred", "kind", "operation", "source", "state", "amount", "parent", "reason")
    table = _table("Operations", *columns, shown=len(page.operations), total=page.operations_total)
    for entry in page.operations:
        table.add_row(
            _time(entry.occurred_at),
            entry.kind,
            _text(entry.operation_id),
            entry.source,
            entry.state,
            decimal_text(entry.amount_minor, page.exponent) if entry.amount_minor else "",
            _text(entry.parent_id),
            _text(entry.reason),
        )
    return table


def _timeline(page: PaymentPage) -> Table:
    columns = (
        "row",
        "recorded",
        "type",
        "event",
        "source",
        "verdict",
        "reason",
        "status",
        "version",
        "first sight",
    )
    table = _table("Timeline", *columns, shown=len(page.timeline), total=page.timeline_total)
    for entry in page.timeline:
        table.add_row(
            str(entry.audit_id),
            _time(entry.recorded_at),
            entry.type,
            _text(entry.event_id),
            entry.source,
            Text(entry.verdict, _VERDICT_STYLES.get(entry.verdict, "")),
            entry.reason,
            _change(entry),
            "" if entry.version is None else str(entry.version),
            _link(entry),
        )
    return table


def _change(entry: Delivery) -> str:
    if entry.to_status is None or entry.from_status == entry.to_status:
        return entry.to_status or ""
    return f"{entry.from_status or 'none'} -> {entry.to_status}"


def _link(entry: Delivery) -> str:
    if entry.first_audit_id is None:
        return ""
    return f"{entry.first_audit_id}, judged again" if entry.rejudged else str(entry.first_audit_id)


def _parked(page: PaymentPage) -> Table:
    columns = ("deadline", "type", "event", "source", "operation", "amount", "waits for", "parked")
    table = _table("Parked facts", *columns, shown=len(page.parked), total=page.parked_total)
    for fact in page.parked:
        amount = ""
        if fact.amount_minor is not None:
            amount = f"{decimal_text(fact.amount_minor, fact.exponent or 0)} {fact.currency}"
        table.add_row(
            _time(fact.deadline_at),
            fact.type,
            _text(fact.event_id),
            fact.source,
            _text(fact.operation_id),
            amount,
            fact.waits_for,
            _time(fact.parked_at),
        )
    return table


def _alerts(page: PaymentPage) -> Table:
    columns = ("raised", "severity", "rule", "event", "source", "reason", "status")
    table = _table("Alerts", *columns, shown=len(page.alerts), total=page.alerts_total)
    for alert in page.alerts:
        table.add_row(
            _time(alert.created_at),
            Text(alert.severity, _SEVERITY_STYLES.get(alert.severity, "")),
            alert.rule,
            _text(alert.event_id),
            alert.source,
            alert.reason,
            f"{alert.status}, {alert.assignee}" if alert.assignee else alert.status,
        )
    return table


def _dead_letters(page: PaymentPage) -> Table:
    columns = ("recorded", "class", "event", "source", "reason", "path", "message")
    table = _table("Dead letters", *columns, shown=len(page.dead_letters), total=page.dead_letters_total)
    for letter in page.dead_letters:
        table.add_row(
            _time(letter.recorded_at),
            Text(letter.klass, _VERDICT_STYLES.get(letter.klass, "")),
            _text(letter.event_id),
            _text(letter.source),
            letter.reason,
            _text(letter.path),
            letter.message_id,
        )
    return table


def _text(value: str | None) -> Text:
    """Give ids as they are: brackets in them are no markup."""
    return Text(value or "")


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}Z"
