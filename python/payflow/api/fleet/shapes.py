"""The fleet on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from payflow.api.routing.values import Instant, Text

State = Literal["running", "paused", "draining"]


class Breaker(Struct, frozen=True, kw_only=True):
    """How a worker finds one of its dependencies."""

    state: str
    reason: str | None
    since: Instant


class FleetLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the fleet is held to; null lifts a limit."""

    rate_per_s: Annotated[
        float | None, Meta(description="Deliveries a second that all workers together receive.")
    ] = None
    merchants: Annotated[
        dict[str, float], Meta(description="Events a second of these merchants that all workers apply.")
    ] = {}
    batch_size_max: Annotated[int | None, Meta(description="Events that close a batch.")] = None
    concurrency_max: Annotated[int | None, Meta(description="Lanes of one worker that process at once.")] = (
        None
    )


class Worker(Struct, frozen=True, kw_only=True):
    """One worker as it says of itself, and whether it is there."""

    worker_id: str
    host: str
    version: str
    started_at: Instant
    seen_at: Instant
    alive: bool
    state: str
    """`starting`, `running`, `pausing`, `paused`, `draining`, `drained`, `stopping`, `stopped` or `dead`."""
    ordered: State | None
    """What it is asked for by name."""
    obeys: bool
    """Whether it has heard the newest order."""
    paused_for: list[str]
    in_hand: int
    held: int
    """Part of what is in hand that waits because its merchant is over its rate."""
    received_per_s: float
    rate_per_s: float
    rate_limited: bool
    breakers: dict[str, Breaker]
    lanes: int
    concurrency_max: int
    batch_size_max: int
    rules: int
    rules_digest: str
    """Differs between workers that have different rules in force."""


class Fleet(Struct, frozen=True, kw_only=True):
    """What is ordered, and every worker of the last day."""

    state: State
    exits: bool
    """Whether drained workers end."""
    limits: FleetLimits
    revision: int
    changed_by: str
    changed_at: Instant
    note: str
    workers: list[Worker]


class OrderFleet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is meant, and why."""

    worker_id: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    note: Text = ""


class DrainFleet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is meant, whether they end once drained, and why."""

    worker_id: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    exits: bool = False
    note: Text = ""
