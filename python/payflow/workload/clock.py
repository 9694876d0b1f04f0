"""The stream's time: where it stands, and how an instant is written."""

from __future__ import annotations

import time
from datetime import UTC, datetime

CLOCK_START = datetime(2026, 11, 22, 10, tzinfo=UTC)
"""Where a stream's clock starts unless told otherwise: fixed, so that a seed alone names a stream."""

DELIVERIES_PER_MS = 10
"""The pace of a stream that is not tied to a wall clock: 10,000 deliveries a second."""


class Timestamps:
    """Writes Unix milliseconds as RFC 3339 in UTC; remembers the last second, since neighbours share it."""

    __slots__ = ("_second", "_text")

    def __init__(self) -> None:
        self._second = -1
        self._text = ""

    def write(self, now_ms: int) -> str:
        """Return text such as `2026-11-22T10:00:00.123Z`."""
        second, milliseconds = divmod(now_ms, 1000)
        if second != self._second:
            self._second = second
            self._text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._text}.{milliseconds:03d}Z"


def unix_ms(instant: datetime) -> int:
    """Return the instant as Unix milliseconds.

    Raises:
        ValueError: the instant has no offset.

    """
    if instant.tzinfo is None:
        raise ValueError(
            f"clock_start: needs an offset, got {instant.isoformat()}; pass a datetime with tzinfo=UTC"
        )
    return int(instant.timestamp() * 1000)
