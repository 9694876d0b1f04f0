"""A clock that stands until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class StandingClock:
    """Gives monotonic seconds and the time in UTC, both from one count."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def seconds(self) -> float:
        """Monotonic seconds."""
        return self.now_s

    def utc(self) -> datetime:
        """The time."""
        return BEGIN + timedelta(seconds=self.now_s)
