"""A rate on the command line is a number a second, within bounds."""

from __future__ import annotations

import pytest
from payflow.cli.rates import rate_per_s


@pytest.mark.parametrize(("text", "rate"), [("50", 50), ("50/s", 50), ("1/s", 1), ("10000", 10_000)])
def test_a_rate_is_a_number_a_second(text: str, rate: int) -> None:
    assert rate_per_s(text) == rate


@pytest.mark.parametrize("text", ["0", "10001/s", "fast", "5/m", "-1"])
def test_any_other_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="1/s to 10000/s"):
        rate_per_s(text)
