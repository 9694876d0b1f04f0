"""Times as operators write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from payflow.cli.moments import moment

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("15m", NOW - timedelta(minutes=15)),
        ("2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T10:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00+01:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
    ],
)
def test_an_age_counts_back_and_a_date_is_in_utc_unless_it_says(text: str, meant: datetime) -> None:
    assert moment(text, NOW) == meant


def test_no_text_is_no_bound() -> None:
    assert moment(None, NOW) is None


@pytest.mark.parametrize("text", ["yesterday", "2 h", "-1h", "", "9999999d"])
def test_anything_else_is_refused_with_what_it_may_be(text: str) -> None:
    with pytest.raises(ValueError, match="15m, 2h or 3d"):
        moment(text, NOW)
