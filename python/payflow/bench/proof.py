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
    count(*) FILTER (WHERE action <> 'rejudged') AS deliveries,
    count(*) FILTER (WHERE action = 'rejudged') AS rejudged,
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
    trail_rejudged: int

    @property
    def problems(self) -> list[str]:
        """Say what is missing; SQS may deliver twice, so the trail may hold more deliveries than were sent."""
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
            "trail_rejudged": self.trail_rejudged,
            "every_event_decided": not self.problems,
        }


async def prove(rig: Rig, filled: Filled) -> Proof:
    """Count what is left in the queue and what stands in the trail."""
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
        trail_deliveries=counts.get("deliveries", 0),
        trail_events=counts.get("events", 0),
        trail_rejudged=counts.get("rejudged", 0),
    )
