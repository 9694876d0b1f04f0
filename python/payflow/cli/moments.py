"""Points in time as operators write them: `2h` ago, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["moment"]

_AGE: Final = re.compile(r"(\d{1,6})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str | None, now: datetime) -> datetime | None:
    """Read `90s`, `15m`, `2h` or `3d` as that long before `now`, all else as ISO 8601, in UTC unless it says.

    Raises:
        ValueError: it is neither; the text says what it may be.

    """
    if text is None:
        return None
    if age := _AGE.fullmatch(text):
        return now - timedelta(**{_UNITS[age[2]]: int(age[1])})
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time: write an age such as 15m, 2h or 3d, or a date such as 2026-11-22T10:00"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
