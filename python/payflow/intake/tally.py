"""What the plain intake counts."""

from __future__ import annotations

import asyncio
from collections import Counter

from botocore.exceptions import ClientError, ConnectionError, NoCredentialsError  # noqa: A004 - botocore's name

__all__ = ["Tally", "kind_of"]


class Tally:
    """Counters since the start; names are those of `IntakeStats`."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.margin_min_ms: int | None = None

    def failed(self, error: BaseException) -> None:
        """Count a failed call by its kind."""
        self.errors[kind_of(error)] += 1

    def margin(self, left_s: float) -> None:
        """Note the time that was left when an extension succeeded."""
        left_ms = max(0, int(left_s * 1e3))
        self.margin_min_ms = left_ms if self.margin_min_ms is None else min(left_ms, self.margin_min_ms)


def kind_of(error: BaseException) -> str:
    """Return the name that a failure is counted by: the SQS code, or the kind of the local failure."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "protocol"))
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return "deadline"
    if isinstance(error, NoCredentialsError):
        return "credentials"
    return "connect" if isinstance(error, ConnectionError) else "protocol"
