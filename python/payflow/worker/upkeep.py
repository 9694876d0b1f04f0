"""What a worker looks after beside its events: the budget in flight, messages put off, and the sweeper."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from payflow.intake.budget import BudgetOptions, InFlightBudget
from payflow.intake.queues import name_of
from payflow.intake.sending_back import BODY_BYTES_MAX
from payflow.pipeline import Deferral
from payflow.worker.budget_watch import keep_budget
from payflow.worker.returning import ReturnFigures, keep_returned
from payflow.worker.sweep_figures import SweepFigures
from payflow.worker.sweeper import keep_swept

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payflow import _native
    from payflow.intake import Intake
    from payflow.settings import Settings
    from payflow.telemetry.figures import Figures


class Upkeep:
    """The tasks that run beside the lanes, and what they count.

    Args:
        settings: the settings in force.
        url: of the queue.
        intake: what has messages in hand.
        figures: what counts messages that were put off.
        rules: gives the rules in force.
        clock: gives the time in UTC.
        actor: names the worker in the trail.

    """

    def __init__(
        self,
        settings: Settings,
        url: str,
        intake: Intake,
        figures: Figures,
        rules: Callable[[], _native.RuleSet],
        clock: Callable[[], datetime],
        actor: str,
    ) -> None:
        self._settings = settings
        self._url = url
        self._rules = rules
        self._clock = clock
        self._actor = actor
        knobs = settings.budget
        self.budget = InFlightBudget(
            BudgetOptions(
                limit=knobs.in_flight_limit,
                share=knobs.share,
                stale_after_s=3 * knobs.interval_s + knobs.deadline_s,
            ),
            own=lambda: (intake.stats().in_flight, figures.waits.waiting),
            clock_s=time.monotonic,
            utc_now=clock,
            redriven_at=settings.queue.receives_max,
        )
        self.returns = ReturnFigures()
        self.sweeps = SweepFigures()

    def deferral(self) -> Deferral:
        """Give what decides where failed messages wait."""
        return Deferral(
            queue=name_of(self._url),
            delay_min_s=self._settings.budget.long_wait_min_s,
            beyond_share=lambda: self.budget.beyond_share,
            redriven_at=lambda: self.budget.redriven_at,
            body_bytes_max=BODY_BYTES_MAX,
        )

    def start(self) -> list[asyncio.Task[None]]:
        """Begin; the tasks run until they are cancelled."""
        settings, clock, actor = self._settings, self._clock, self._actor
        sweeping = keep_swept(settings, self._rules, clock, actor, figures=self.sweeps)
        returning = keep_returned(settings, self._url, self.budget, clock, actor, self.returns)
        return [
            asyncio.create_task(sweeping, name="sweeper"),
            asyncio.create_task(keep_budget(settings, self._url, self.budget), name="budget"),
            asyncio.create_task(returning, name="deferred"),
        ]
