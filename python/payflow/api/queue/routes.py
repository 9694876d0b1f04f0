"""The queue: its row of the route table."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from payflow.api.queue.shapes import DeferredMessages, InFlightBudget, Queue
from payflow.api.routing import Access, Answer, Call, ProblemError, Role, Route
from payflow.api.routing.problems import STORE_UNAVAILABLE
from payflow.errors import QueueError
from payflow.ledger.deferral import read_budget, waiting_messages

if TYPE_CHECKING:
    from payflow.api.queue.looking import QueueNumbers

FORECAST_AGE_MAX: Final = timedelta(seconds=60)
"""An older forecast is none: the worker that told it is gone."""

log = structlog.get_logger(__name__)


async def numbers_of(call: Call) -> QueueNumbers:
    """Ask SQS.

    Raises:
        ProblemError: store_unavailable.

    """
    try:
        return await call.services.queue.numbers()
    except QueueError as error:
        log.warning("queue_unavailable", reason=str(error))
        raise ProblemError(
            STORE_UNAVAILABLE,
            detail="the queue does not answer in time; try again",
            headers={"retry-after": "2"},
        ) from error


async def get_queue(call: Call) -> Answer:
    """Answer with what the queue holds."""
    numbers, now = await numbers_of(call), call.services.clock()
    async with call.reading() as connection:
        waiting = await waiting_messages(connection, numbers.name, now)
        told = await read_budget(connection, numbers.name)
    budget = call.services.settings.budget
    fresh = told is not None and now - told.told_at <= FORECAST_AGE_MAX
    return Answer(
        200,
        Queue(
            name=numbers.name,
            visible=numbers.visible,
            in_flight=numbers.in_flight,
            delayed=numbers.delayed,
            dead_letters_visible=numbers.dead_letters_visible,
            oldest_age_s=None,
            in_flight_budget=InFlightBudget(
                used=numbers.in_flight,
                limit=budget.in_flight_limit,
                share=numbers.in_flight / budget.in_flight_limit,
                deferred_beyond_share=budget.share,
                exhausted_in_s=told.exhausted_in_s if told is not None and fresh else None,
            ),
            deferred=DeferredMessages(
                messages=waiting.messages, overdue=waiting.overdue, next_due_at=waiting.next_due_at
            ),
        ),
    )


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/queue",
        handler=get_queue,
        operation_id="getQueue",
        tag="fleet",
        summary="What waits in the queue, and how near it is to its limit",
        access=Access.at_least(Role.READ_ONLY),
        answers={200: Queue},
    ),
)
