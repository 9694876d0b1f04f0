"""How parked facts look: tables on a terminal, the same as plain text when piped."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
from rich.text import Text

from payflow.cli.dlq_view import amount_text, console_for_output, print_table, table_of, time_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from payflow.ledger.quarantine import Parked
    from payflow.ledger.quarantine.parked import Place
    from payflow.ledger.reading import PaymentPage

_HAS = (
    "authorized_minor", "released_minor", "captured_minor", "capture_failed_minor", "refunded_minor",
    "disputed_minor", "capturable_minor", "refundable_minor",
)  # fmt: skip
"""What a payment has, as far as a fact could wait for it."""


def print_facts(facts: Sequence[Parked], following: str | None, now: datetime) -> None:
    """Print one page of facts."""
    console = console_for_output()
    table = table_of(
        "age", "left", "type", "payment", "event", "source", "amount", "waits for", "what it needs"
    )
    for fact in facts:
        table.add_row(
            _span(now - fact.parked_at),
            _left(fact, now),
            fact.kind,
            Text(fact.payment_id),
            Text(fact.event_id),
            fact.source,
            amount_text(fact.amount_minor, fact.exponent, fact.currency),
            fact.waits_for,
            fact.needs,
        )
    print_table(table, console)
    if following is not None:
        console.print(f"There are more: --after {following}")
    if not facts:
        console.print("No fact waits like that")


def print_waiting(facts: Sequence[Parked], page: PaymentPage, now: datetime) -> None:
    """Print what waits on one payment, what it needs, and what the payment has."""
    console = console_for_output()
    console.print(Text.assemble(("Payment ", "bold"), (page.payment_id, "bold cyan"), f"   {page.status}"))
    for fact in facts:
        console.print(
            Text.assemble(
                (f"{fact.kind} ", "bold yellow"),
                f"{amount_text(fact.amount_minor, fact.exponent, fact.currency)}, ",
                f"event {fact.event_id} of {fact.source}, operation {fact.operation_id}",
            )
        )
        parent = f" (parent {fact.parent_id})" if fact.parent_id else ""
        console.print(Text(f"  needs   {fact.needs}{parent}: {fact.waits_for}"))
        console.print(
            Text(
                f"  waits   {_span(now - fact.parked_at)} since {time_text(fact.parked_at)}; "
                f"an orphan at {time_text(fact.deadline_at)}, {_left(fact, now)} from now"
            )
        )
    if page.currency is None:
        console.print("The payment has nothing yet: no authorization or sale has come")
        return
    table = table_of("it has", "amount")
    for name in _HAS:
        table.add_row(
            name.removesuffix("_minor").replace("_", " "),
            amount_text(getattr(page.sums, name), page.exponent, page.currency),
        )
    print_table(table, console)
    table = table_of("kind", "operation", "source", "state", "amount")
    for entry in page.operations:
        table.add_row(
            entry.kind,
            Text(entry.operation_id),
            entry.source,
            entry.state,
            amount_text(entry.amount_minor, page.exponent, page.currency),
        )
    print_table(table, console)


def document(fact: Parked, now: datetime) -> dict[str, Any]:
    """Give a fact for programs."""
    return msgspec.structs.asdict(fact) | {
        "needs": fact.needs,
        "age_s": round((now - fact.parked_at).total_seconds()),
        "left_s": round((fact.deadline_at - now).total_seconds()),
    }


def page_document(facts: Sequence[Parked], page: PaymentPage, now: datetime) -> dict[str, Any]:
    """Give what waits on one payment, and what that has, for programs."""
    return {
        "facts": [document(fact, now) for fact in facts],
        "payment": {
            "payment_id": page.payment_id,
            "status": page.status,
            "currency": page.currency,
            "exponent": page.exponent,
            "has": {name: getattr(page.sums, name) for name in _HAS},
            "operations": page.operations,
        },
    }


def cursor_of(fact: Parked) -> str:
    """Write where a page ended."""
    parked_at, *key = fact.place
    return base64.urlsafe_b64encode(orjson.dumps([parked_at.isoformat(), *key])).decode()


def place_of(cursor: str) -> Place:
    """Read where a page ended.

    Raises:
        ValueError: it is no such text.

    """
    try:
        parked_at, payment_id, source, event_id = orjson.loads(base64.urlsafe_b64decode(cursor))
        return datetime.fromisoformat(parked_at), str(payment_id), str(source), str(event_id)
    except (binascii.Error, TypeError, ValueError):
        raise ValueError("--after must be what the page before this one printed") from None


def _left(fact: Parked, now: datetime) -> str:
    return _span(fact.deadline_at - now) if fact.deadline_at > now else "none"


def _span(span: timedelta) -> str:
    """Write a duration in its two largest units."""
    left_s, parts = max(round(span.total_seconds()), 0), list[str]()
    for unit, unit_s in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left_s = divmod(left_s, unit_s)
        if count or (unit == "s" and not parts):
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2])
