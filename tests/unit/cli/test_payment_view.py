"""How `payflow payment show` looks: tables on a terminal, plain text when piped."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

from payflow.cli.payment_view import print_page
from payflow.ledger.reading.payment_page import Delivery, PaymentPage, Sums
from rich.console import Console

NOON = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)

FIRST = Delivery(
    audit_id=7,
    source="adyen",
    event_id="evt_[red]1",
    type="capture.succeeded",
    first_audit_id=None,
    verdict="premature",
    reason="payment_unknown",
    from_status=None,
    to_status="created",
    version=0,
    actor="worker",
    correlation_id="c",
    occurred_at=NOON,
    recorded_at=NOON,
    rejudged=False,
)

PAGE = PaymentPage(
    payment_id="pay_1",
    merchant_id="m_1",
    source="adyen",
    currency="JPY",
    exponent=0,
    status="captured",
    dispute_status="open",
    version=2,
    sums=Sums(1000, 0, 1000, 0, 600, 700, 0, 0, 0, 0),
    metadata=None,
    created_at=NOON,
    updated_at=NOON,
    operations=[],
    operations_total=0,
    timeline=[FIRST, replace(FIRST, audit_id=9, first_audit_id=7, verdict="apply", rejudged=True)],
    timeline_total=5,
    parked=[],
    parked_total=0,
    alerts=[],
    alerts_total=0,
    dead_letters=[],
    dead_letters_total=0,
)


def printed(page: PaymentPage, *, terminal: bool = False) -> str:
    console = Console(file=io.StringIO(), width=200, force_terminal=terminal)
    print_page(page, console)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_piped_text_has_no_colours_and_no_frames() -> None:
    text = printed(PAGE)
    assert "\x1b" not in text
    assert not any(mark in text for mark in "─│━┃")


def test_a_terminal_gets_colours() -> None:
    assert "\x1b[" in printed(PAGE, terminal=True)


def test_ids_are_shown_as_they_are_even_with_brackets() -> None:
    assert "evt_[red]1" in printed(PAGE)


def test_amounts_of_a_currency_without_decimals_have_none_and_too_much_returned_is_shown() -> None:
    lines = [line.split() for line in printed(PAGE).splitlines()]
    assert ["captured", "1000"] in lines
    assert ["refundable", "-300"] in lines
    assert ["over-returned", "300"] in lines


def test_a_rejudged_fact_points_to_its_first_sight() -> None:
    assert "7, judged again" in printed(PAGE)


def test_a_cut_list_says_so() -> None:
    assert "Timeline (the newest 2 of 5)" in printed(PAGE)


def test_a_payment_that_only_anchors_waiting_facts_says_so() -> None:
    text = printed(replace(PAGE, currency=None, merchant_id=None, source=None))
    assert "not created yet: only facts that wait for its authorization" in text
