"""The cheap proof after a run that no delivery was lost; `payflow verify` is the thorough one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from payflow.intake import queues

if TYPE_CHECKING:
    from payflow.bench.filling import Filled
    from payflow.bench.rig import Rig

_COUNTS = """
SELECT
    count(*) AS entries,
    (SELECT count(*) FROM (SELECT DISTINCT payment_id, event_id FROM audit_logs) AS different) AS events
FROM audit_logs
"""
_COUNT_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Proof:
    """What the queue and the trail hold when a run is over."""

    queue_left: int
    sent: int
    sent_events: int
    trail_deliveries: int
    trail_events: int

    @property
    def problems(self) -> list[str]:
        """Say what is missing. SQS may deliver twice, so more deliveries than were sent are no problem."""
        found = []
        if self.queue_left:
            found.append(f"{self.queue_left:,} messages are still in the queue")
        if self.trail_deliveries < self.sent:
            found.append(f"the trail has {self.trail_deliveries:,} deliveries, {self.sent:,} were sent")
        if self.trail_events != self.sent_events:
            found.append(f"the trail has {self.trail_events:,} events, {self.sent_events:,} were sent")
        return found

    def as_json(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "queue_left": self.queue_left,
            "sent_deliveries": self.sent,
            "trail_deliveries": self.trail_deliveries,
            "sent_events": self.sent_events,
            "trail_events": self.trail_events,
            "every_event_decided": not self.problems,
        }


async def prove(rig: Rig, filled: Filled, rejudged: int) -> Proof:
    """Count what is left in the queue and what stands in the trail.

    Args:
        rig: the servers.
        filled: what was sent.
        rejudged: parked facts that the worker judged again; each has an entry of its own in the trail.

    """
    queue, postgres = rig.settings.queue, rig.settings.postgres
    async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        left = (await queues.queue_depths(sqs, rig.queue_url)).total
    connection = await asyncpg.connect(postgres.required_dsn, timeout=postgres.connect_timeout_s)
    try:
        row = await connection.fetchrow(_COUNTS, timeout=_COUNT_TIMEOUT_S)
    finally:
        await connection.close()
    counts = dict(row or {})
    return Proof(
        queue_left=left,
        sent=filled.deliveries,
        sent_events=filled.events,
        trail_deliveries=counts.get("entries", 0) - rejudged,
        trail_events=counts.get("events", 0),
    )
