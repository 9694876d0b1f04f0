"""The oracle on histories small enough to check by hand: a row is a history in shorthand and its books.

A fact is written `type operation amount`, then `reason=...` or, on dispute cases, `stage/status`. Facts are
one second apart, in the order written.
"""

from __future__ import annotations

import random
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from payflow.workload import Workload, expected
from payflow.workload.model import DISPUTE_URGENCY, Expected

if TYPE_CHECKING:
    from payflow.workload.draft import Fact

ZERO = {
    "authorized": 0,
    "released": 0,
    "captured": 0,
    "capture_failed": 0,
    "refunded": 0,
    "disputed": 0,
    "capture_pending": 0,
    "refund_pending": 0,
    "release_pending": 0,
    "dispute_state": "none",
}
PAID = "authorization.succeeded a 100, capture.succeeded c 100, "


def facts_of(shorthand: str) -> list[Fact]:
    """Read a history; an amount of `-` leaves the amount out."""
    facts: list[Fact] = []
    for index, line in enumerate(filter(None, map(str.strip, shorthand.split(",")))):
        kind, operation_id, amount, *details = line.split()
        fact: Fact = {
            "event_id": f"evt_{index}",
            "source": "adyen",
            "type": kind,
            "payment_id": "pay_1",
            "operation_id": operation_id,
            "merchant_id": "m_1",
            "occurred_at": f"2026-11-22T10:00:{index:02d}Z",
        }
        if amount != "-":
            fact["amount"] = {"value": int(amount), "currency": "EUR", "exponent": 2}
        for detail in details:
            if detail.startswith("reason="):
                fact["reason"] = detail.removeprefix("reason=")
            else:
                stage, _, status = detail.partition("/")
                fact["dispute"] = {"stage": stage, "status": status}
        facts.append(fact)
    return facts


def row(name: str, shorthand: str, status: str, **books: int | str) -> object:
    return pytest.param(shorthand, Expected(**{**ZERO, "status": status, **books}), id=name)  # type: ignore[arg-type]


ROWS = [
    row("nothing", "", "created"),
    row("requested", "authorization.requested a 100", "pending"),
    row("pending", "authorization.pending a 100", "pending"),
    row("unknown", "authorization.pending a 100, authorization.unknown a 100", "pending"),
    row("requires_action", "authorization.pending a 100 reason=requires_action", "requires_action"),
    row(
        "action_taken",
        "authorization.pending a 100 reason=requires_action, authorization.failed a 100",
        "failed",
    ),
    row(
        "action_then_unknown",
        "authorization.pending a 100 reason=requires_action, "
        "authorization.unknown a 100 reason=requires_action",
        "pending",
    ),
    row("failed", "authorization.failed a 100, authorization.failed b 100", "failed"),
    row("one_attempt_failed", "authorization.failed a 100, authorization.pending b 100", "pending"),
    row("authorized", "authorization.succeeded a 100", "authorized", authorized=100),
    row("late", "authorization.failed a 100, authorization.succeeded a 100", "authorized", authorized=100),
    row(
        "voided",
        "authorization.succeeded a 100, authorization.released r 60 reason=expired, "
        "authorization.released s 40 reason=voided",
        "voided",
        authorized=100,
        released=100,
    ),
    row(
        "expired",
        "authorization.succeeded a 100, authorization.released r 60 reason=voided, "
        "authorization.released s 40 reason=expired",
        "expired",
        authorized=100,
        released=100,
    ),
    row("captured", PAID, "captured", authorized=100, captured=100),
    row("sale", "sale.succeeded s 100", "captured", authorized=100, captured=100),
    row(
        "sale_failed_later",
        "sale.succeeded s 100, capture.failed s 100",
        "authorized",
        authorized=100,
        capture_failed=100,
    ),
    row(
        "capture_pending",
        "authorization.succeeded a 100, capture.pending c 40",
        "authorized",
        authorized=100,
        capture_pending=40,
    ),
    row(
        "partially_captured",
        "authorization.succeeded a 100, capture.succeeded c 40",
        "partially_captured",
        authorized=100,
        captured=40,
    ),
    row(
        "rest_is_held",
        "authorization.succeeded a 100, capture.succeeded c 40, capture.pending d 60",
        "captured",
        authorized=100,
        captured=40,
        capture_pending=60,
    ),
    row(
        "rest_is_released",
        "authorization.succeeded a 100, capture.succeeded c 40, "
        "authorization.released r 60 reason=final_capture",
        "captured",
        authorized=100,
        captured=40,
        released=60,
    ),
    row(
        "adjusted_up_and_down",
        "authorization.succeeded a 100, authorization.adjusted a 150, authorization.adjusted a 120, "
        "authorization.adjusted a 130, capture.succeeded c 130",
        "captured",
        authorized=160,
        released=30,
        captured=130,
    ),
    row(
        "adjusted_unsuccessful_attempt",
        "authorization.failed a 100, authorization.adjusted a 150",
        "failed",
    ),
    row("capture_reversed", PAID + "capture.failed c 100", "authorized", authorized=100, capture_failed=100),
    row(
        "capture_retried",
        PAID + "capture.failed c 100, capture.succeeded d 100",
        "captured",
        authorized=100,
        captured=100,
        capture_failed=100,
    ),
    row(
        "refund_pending",
        PAID + "refund.pending f 30",
        "captured",
        authorized=100,
        captured=100,
        refund_pending=30,
    ),
    row(
        "partially_refunded",
        PAID + "refund.pending f 30, refund.succeeded f 30",
        "partially_refunded",
        authorized=100,
        captured=100,
        refunded=30,
    ),
    row(
        "void_asked_for",
        "authorization.succeeded a 100, release.requested v 60",
        "authorized",
        authorized=100,
        release_pending=60,
    ),
    row(
        "void_undone",
        "authorization.succeeded a 100, authorization.released v 100, release.failed v 100",
        "authorized",
        authorized=100,
    ),
    row(
        "refund_before_rest_of_capture",
        "authorization.succeeded a 100, capture.succeeded c 40, refund.succeeded f 10",
        "partially_refunded",
        authorized=100,
        captured=40,
        refunded=10,
    ),
    row(
        "refunded",
        PAID + "refund.succeeded f 30, refund.succeeded g 70",
        "refunded",
        authorized=100,
        captured=100,
        refunded=100,
    ),
    row(
        "refund_reversed",
        PAID + "refund.succeeded f 30, refund.failed f 30",
        "captured",
        authorized=100,
        captured=100,
    ),
    row(
        "over_returned",
        PAID + "refund.succeeded f 100, capture.failed c 100",
        "authorized",
        authorized=100,
        capture_failed=100,
        refunded=100,
    ),
    row(
        "money_moves_apart_from_the_outcome",
        PAID
        + "dispute.opened k 100 chargeback/opened, dispute.funds_withdrawn w 100, "
        + "dispute.funds_reinstated x 40, dispute.closed k 100 chargeback/lost",
        "captured",
        authorized=100,
        captured=100,
        disputed=60,
        dispute_state="lost",
    ),
]


@pytest.mark.parametrize(("shorthand", "books"), ROWS)
def test_a_history_makes_these_books(shorthand: str, books: Expected) -> None:
    assert expected(facts_of(shorthand)) == books


@pytest.mark.parametrize(
    ("cases", "state"),
    [
        ("dispute.inquiry k - inquiry/opened", "inquiry"),
        ("dispute.updated k - inquiry/under_review", "inquiry"),
        ("dispute.closed k - inquiry/expired", "won"),
        ("dispute.closed k - inquiry/withdrawn", "won"),
        ("dispute.closed k - inquiry/accepted", "lost"),
        ("dispute.opened k - chargeback/opened", "open"),
        ("dispute.updated k - chargeback/under_review", "under_review"),
        ("dispute.closed k - chargeback/won", "won"),
        ("dispute.closed k - chargeback/withdrawn", "won"),
        ("dispute.closed k - chargeback/lost", "lost"),
        ("dispute.closed k - chargeback/accepted", "lost"),
        ("dispute.closed k - chargeback/expired", "lost"),
        ("dispute.closed k - chargeback/won, dispute.updated k - pre_arbitration/opened", "open"),
        ("dispute.closed k - chargeback/won, dispute.opened k - chargeback/opened", "won"),
        ("dispute.closed k - arbitration/lost, dispute.closed k - chargeback/won", "lost"),
        ("dispute.closed k - chargeback/won, dispute.closed l - chargeback/lost", "lost"),
        ("dispute.closed k - chargeback/lost, dispute.inquiry l - inquiry/opened", "inquiry"),
        ("dispute.inquiry k - inquiry/opened, dispute.updated l - chargeback/under_review", "under_review"),
        ("dispute.updated k - chargeback/under_review, dispute.opened l - chargeback/opened", "open"),
    ],
)
def test_the_most_urgent_case_is_the_dispute_state(cases: str, state: str) -> None:
    assert expected(facts_of(PAID + cases)).dispute_state == state


@pytest.mark.parametrize(("shorthand", "books"), ROWS)
def test_books_depend_neither_on_order_nor_on_repetition(shorthand: str, books: Expected) -> None:
    facts = facts_of(shorthand) * 3
    random.Random(1).shuffle(facts)  # noqa: S311 - test data, not secrets
    assert expected(facts) == books


def test_equal_release_times_are_settled_by_operation_id() -> None:
    facts = facts_of(
        "authorization.succeeded a 100, authorization.released r2 50 reason=expired, "
        "authorization.released r1 50 reason=voided"
    )
    facts[2]["occurred_at"] = facts[1]["occurred_at"]
    assert expected(facts).status == "expired"


def test_times_are_compared_as_instants_and_not_as_text() -> None:
    facts = facts_of(
        "authorization.succeeded a 100, authorization.released r 50 reason=voided, "
        "authorization.released s 50 reason=expired"
    )
    facts[1]["occurred_at"] = "2026-11-22T10:30:00+00:00"
    facts[2]["occurred_at"] = "2026-11-22T12:00:00+02:00"
    assert expected(facts).status == "voided"


@pytest.mark.parametrize(
    ("shorthand", "broken"),
    [
        (PAID, []),
        ("authorization.succeeded a 100, authorization.released r 101", ["I1", "I2"]),
        ("authorization.succeeded a 100, capture.succeeded c 101", ["I2"]),
        (PAID + "refund.succeeded f 101", ["I3"]),
    ],
)
def test_broken_bounds_are_named(shorthand: str, broken: list[str]) -> None:
    assert expected(facts_of(shorthand)).broken_bounds() == broken


def test_an_overcapture_allowance_widens_the_second_bound() -> None:
    books = expected(facts_of("authorization.succeeded a 100, capture.succeeded c 115"))
    assert books.broken_bounds(overcapture_allowance=14) == ["I2"]
    assert books.broken_bounds(overcapture_allowance=15) == []
    assert books.capturable == -15


def test_the_workload_reaches_every_status_and_dispute_state_but_created() -> None:
    books = [asdict(expected(history.facts)) for history in Workload(1).histories(8_000)]
    assert {book["status"] for book in books} == {
        "pending",
        "requires_action",
        "authorized",
        "partially_captured",
        "captured",
        "partially_refunded",
        "refunded",
        "voided",
        "expired",
        "failed",
    }
    assert {book["dispute_state"] for book in books} == set(DISPUTE_URGENCY)
