"""Every knob of the intake, checked in one place."""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["IntakeOptions", "StaticKey", "checked_batch_size"]

_RANGES: Final = {
    "lanes": (1, 1_024),
    "batch_size_max": (1, 10_000),
    "batch_age_max_ms": (0, 60_000),
    "polls_max": (1, 256),
    "in_flight_max": (10, 120_000),
    "visibility_timeout_s": (2, 43_200),
    "wait_time_s": (0, 20),
    "poll_slack_s": (0.1, 60),
    "poll_backoff_max_s": (0.1, 300),
    "connect_timeout_s": (0.1, 60),
    "call_timeout_s": (0.1, 60),
    "delete_batch_age_ms": (0, 1_000),
    "deletes_max": (1, 256),
    "extension_total_max_s": (2, 43_200),
}


class StaticKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key pair for servers that take any, such as the local one. AWS itself goes by its default chain."""

    access_key_id: str
    secret_access_key: str


class IntakeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How an intake behaves. Raises ValueError that names every field out of its range."""

    queue_url: str
    """URL of the queue; calls go to its origin unless `endpoint_url` is set."""
    dead_letter_queue_url: str | None = None
    """Where `dead_letter` sends; None refuses all letters."""
    endpoint_url: str | None = None
    """Other origin to call, for local servers and VPC endpoints."""
    region: str | None = None
    """Region to sign for; None asks AWS's default chain."""
    static_key: StaticKey | None = None
    """Credentials; None asks AWS's default chain: environment, profile, web identity, instance role."""
    lanes: int = 2
    batch_size_max: int = 500
    """Deliveries that close a batch."""
    batch_age_max_ms: float = 5.0
    """Age of its first delivery that closes a batch."""
    polls_max: int = 32
    """Receives under way at once, at most; one when the queue is idle."""
    in_flight_max: int = 8_000
    """Deliveries in hand, at most; a receive starts only if all ten that it may bring fit."""
    visibility_timeout_s: int = 30
    """Visibility of what is received; extended at half of it."""
    wait_time_s: int = 20
    """Long poll."""
    poll_slack_s: float = 10.0
    """What a receive may take beyond its wait before it is dropped and its connections with it."""
    poll_backoff_max_s: float = 10.0
    """Longest pause after failed polls; pauses grow from 100 ms with full jitter."""
    connect_timeout_s: float = 5.0
    call_timeout_s: float = 10.0
    """What any call but a receive may take."""
    delete_batch_age_ms: float = 5.0
    """Age at which an unfilled batch of deletes or visibility changes goes out."""
    deletes_max: int = 32
    """Delete calls under way at once, at most; visibility changes have as many of their own."""
    extension_total_max_s: float = 43_200.0
    """A delivery held longer than this is extended no more. SQS ends at 12 h itself."""

    def __post_init__(self) -> None:
        problems = [
            f"{name}: must be {low} to {high}, is {getattr(self, name)}"
            for name, (low, high) in _RANGES.items()
            if not low <= getattr(self, name) <= high
        ]
        for name in ("queue_url", "dead_letter_queue_url", "endpoint_url"):
            url = getattr(self, name)
            if url is not None and not url.startswith(("http://", "https://")):
                problems.append(f"{name}: must start with http:// or https://, is {url!r}")
        if problems:
            raise ValueError("; ".join(problems))


def checked_batch_size(batch_size_max: int) -> int:
    """Give a batch size back if it is in its range.

    Raises:
        ValueError: it is not; names the range.

    """
    low, high = _RANGES["batch_size_max"]
    if not low <= batch_size_max <= high:
        raise ValueError(f"batch_size_max: must be {low} to {high}, is {batch_size_max}")
    return batch_size_max
