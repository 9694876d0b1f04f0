"""Minor units become decimal text exactly, whatever their size."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payflow.ledger.reading.money import decimal_text


@pytest.mark.parametrize(
    ("minor", "exponent", "text"),
    [
        (12345, 2, "123.45"),
        (5, 2, "0.05"),
        (0, 2, "0.00"),
        (-5, 2, "-0.05"),
        (1500, 0, "1500"),
        (1, 4, "0.0001"),
        (2**53 - 1, 3, "9007199254740.991"),
    ],
)
def test_amounts_have_the_decimal_places_of_their_currency(minor: int, exponent: int, text: str) -> None:
    assert decimal_text(minor, exponent) == text


@given(minor=st.integers(-(2**63), 2**63 - 1), exponent=st.integers(0, 4))
def test_no_amount_loses_anything(minor: int, exponent: int) -> None:
    text = decimal_text(minor, exponent)
    assert Decimal(text).scaleb(exponent) == minor
    assert len(text.partition(".")[2]) == exponent
