"""The queue on the wire."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from payflow.api.routing.values import Instant


class InFlightBudget(Struct, frozen=True, kw_only=True):
    """How near the queue is to where SQS hands out nothing more."""

    used: int
    limit: int
    share: Annotated[float, Meta(description="Used, as a part of the limit.")]
    deferred_beyond_share: Annotated[
        float, Meta(description="Part of the limit beyond which long waits are spent in the database.")
    ]
    exhausted_in_s: Annotated[
        float | None, Meta(description="Null while it does not run out, or no worker told of late.")
    ]


class DeferredMessages(Struct, frozen=True, kw_only=True):
    """Messages that wait in the database instead of the queue."""

    messages: int
    overdue: int
    next_due_at: Instant | None


class Queue(Struct, frozen=True, kw_only=True):
    """What the queue holds; SQS's numbers are approximate, and a few seconds old."""

    name: str
    visible: int
    in_flight: int
    delayed: int
    dead_letters_visible: int
    oldest_age_s: Annotated[float | None, Meta(description="Null: SQS tells it to CloudWatch only.")]
    in_flight_budget: InFlightBudget
    deferred: DeferredMessages
