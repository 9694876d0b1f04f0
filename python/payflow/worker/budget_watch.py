"""Asks SQS now and then how much of the queue is in flight, and tells when the budget goes down."""

from __future__ import annotations

import asyncio
import random
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import structlog

from payflow.errors import QueueError
from payflow.intake import queues
from payflow.intake.budget import Level

if TYPE_CHECKING:
    from payflow.intake.budget import BudgetState, InFlightBudget
    from payflow.settings import Settings

__all__ = ["BudgetTeller", "keep_budget"]

CALM_READINGS: Final = 3
"""Readings in a row that have to be better before that is told: one on the edge must not fill the log."""
_JITTER: Final = 0.1
_SEVERITY: Final = {level: place for place, level in enumerate(Level)}

log = structlog.get_logger(__name__)


class BudgetTeller:
    """Writes a line each time that the budget becomes worse, and one when it stays better."""

    def __init__(self) -> None:
        self._told = Level.AMPLE
        self._calm = 0

    def look(self, state: BudgetState) -> None:
        """Compare with what was told last."""
        worse_by = _SEVERITY[state.level] - _SEVERITY[self._told]
        self._calm = self._calm + 1 if worse_by < 0 else 0
        if worse_by > 0 or self._calm >= CALM_READINGS:
            self._told, self._calm = state.level, 0
            self._tell(state)

    def _tell(self, state: BudgetState) -> None:
        facts = {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in asdict(state).items()
            if name != "read_at"
        }
        if state.level is Level.RUNNING_OUT:
            log.error(
                "in_flight_budget_running_out",
                stage="intake",
                **facts,
                next="mend what makes messages fail or wait; beyond the limit nobody receives anything",
            )
        elif state.level is Level.BEYOND_SHARE:
            log.warning("in_flight_budget_beyond_share", stage="intake", **facts)
        else:
            log.info("in_flight_budget_ample", stage="intake", **facts)


async def keep_budget(settings: Settings, url: str, budget: InFlightBudget) -> None:
    """Read the budget for ever; an SQS that doesn't answer leaves it to what this worker knows itself."""
    queue, knobs, teller = settings.queue, settings.budget, BudgetTeller()
    while True:
        async with queues.client(
            endpoint_url=queue.endpoint_url,
            region=queue.region,
            connect_timeout_s=knobs.deadline_s,
            read_timeout_s=knobs.deadline_s,
            attempts_max=1,
        ) as sqs:
            # A client that hung is given up with its connections.
            while await _read(sqs, url, budget, knobs.deadline_s):
                teller.look(budget.state())
                await asyncio.sleep(knobs.interval_s * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311
        teller.look(budget.state())
        await asyncio.sleep(knobs.interval_s)


async def _read(sqs: Any, url: str, budget: InFlightBudget, deadline_s: float) -> bool:
    """Take one reading; False if there was none."""
    try:
        async with asyncio.timeout(deadline_s):
            reading = await queues.read_in_flight(sqs, url)
    except (QueueError, TimeoutError) as error:
        budget.not_read()
        log.debug("in_flight_budget_not_read", stage="intake", error=str(error) or "no answer in time")
        return False
    budget.read(reading.in_flight, reading.redriven_at)
    return True
