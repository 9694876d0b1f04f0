"""What `payflow dlq` makes of ids and filters, and `payflow parked` of cursors."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from payflow.cli.letters_chosen import Chosen
from payflow.cli.parked_view import cursor_of, place_of
from payflow.ledger.quarantine import LetterFilter, Parked

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FACT = Parked(
    payment_id="pay/1 ü",
    source="adyen",
    event_id="e",
    kind="capture.succeeded",
    operation_id="o",
    parent_id=None,
    merchant_id="m",
    amount_minor=1,
    currency="EUR",
    exponent=2,
    waits_for="payment_unknown",
    correlation_id="c",
    occurred_at=NOW,
    parked_at=NOW,
    deadline_at=NOW,
)


@pytest.mark.parametrize(
    ("chosen", "ids", "status"),
    [
        pytest.param(Chosen(), (), "open", id="open unless told"),
        pytest.param(Chosen(), (1,), None, id="any where ids are given"),
        pytest.param(Chosen(status="any"), (), None, id="any"),
        pytest.param(Chosen(status="replayed"), (1,), "replayed", id="as told"),
    ],
)
def test_letters_that_are_closed_are_only_meant_when_it_is_said(
    chosen: Chosen, ids: tuple[int, ...], status: str | None
) -> None:
    assert chosen.filter(ids, NOW).status == status


def test_a_status_alone_narrows_nothing() -> None:
    assert LetterFilter(status="open").selects_all
    assert not LetterFilter(ids=(1,)).selects_all
    assert not LetterFilter(klass="malformed").selects_all


def test_a_cursor_leads_back_to_the_fact_that_it_was_made_of() -> None:
    assert place_of(cursor_of(FACT)) == FACT.place


@pytest.mark.parametrize("cursor", ["", "x", "bm90IGpzb24=", "WzEsMl0=", "W10="])
def test_a_text_that_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="--after"):
        place_of(cursor)


def test_what_an_unknown_reason_waits_for_is_told_by_its_slug() -> None:
    assert FACT.needs == "an authorization or a sale, which creates the payment"
