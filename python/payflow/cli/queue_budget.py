"""What `payflow queue` tells of a queue's budget in flight, and of its messages that wait in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from payflow.errors import StoreError
from payflow.intake.queues import name_of
from payflow.ledger.deferral import list_deferred, read_budget, waiting_messages
from payflow.ledger.session import open_session

if TYPE_CHECKING:
    from payflow.intake.queues import QueueDepths
    from payflow.ledger.deferral import Deferred, ToldBudget, Waiting
    from payflow.settings import Settings

__all__ = ["Told", "budget_document", "budget_lines", "deferred_page", "told_of"]

FORECAST_AGE_MAX_S: Final = 60.0
"""An older forecast is none: the worker that told it is gone."""


@dataclass(frozen=True)
class Told:
    """What the database knows of a queue."""

    waiting: Waiting
    budget: ToldBudget | None
    """What a worker told lately; None where none did."""


async def told_of(settings: Settings, url: str) -> Told | str:
    """Ask the database; a text says why it can't tell, which is no reason not to show the queue."""
    if settings.postgres.dsn is None:
        return "PAYFLOW_POSTGRES_DSN is unset"
    try:
        async with open_session(settings.postgres.ledger_options()) as connection:
            waiting = await waiting_messages(connection, name_of(url), _now())
            budget = await read_budget(connection, name_of(url))
    except StoreError as error:
        return str(error)
    if budget is not None and _now() - budget.told_at > timedelta(seconds=FORECAST_AGE_MAX_S):
        budget = None
    return Told(waiting, budget)


async def deferred_page(
    settings: Settings, url: str, limit: int, behind: tuple[datetime, int] | None
) -> tuple[Waiting, list[Deferred]]:
    """Read one page of messages that wait, and how many there are in all.

    Raises:
        SettingsInvalid: no database is named.
        StoreError: it is away, or its schema is not this release's.

    """
    async with open_session(settings.postgres.ledger_options()) as connection:
        waiting = await waiting_messages(connection, name_of(url), _now())
        return waiting, await list_deferred(connection, name_of(url), limit=limit, behind=behind)


def budget_document(settings: Settings, depths: QueueDepths, told: Told | str) -> dict[str, Any]:
    """Give budget and waiting messages for programs; what nobody knows is null."""
    known = told if isinstance(told, Told) else None
    budget = known.budget if known is not None else None
    return {
        "in_flight_budget": {
            "used": depths.in_flight,
            "limit": settings.budget.in_flight_limit,
            "share": settings.budget.share,
            "trend_per_s": None if budget is None else budget.trend_per_s,
            "exhausted_in_s": None if budget is None else budget.exhausted_in_s,
            "told_at": None if budget is None else budget.told_at,
            "told_by": None if budget is None else budget.told_by,
        },
        "deferred": None
        if known is None
        else {
            "messages": known.waiting.messages,
            "overdue": known.waiting.overdue,
            "next_due_at": known.waiting.next_due_at,
        },
    }


def budget_lines(settings: Settings, depths: QueueDepths, told: Told | str) -> list[str]:
    """Give the same for people."""
    limit, share = settings.budget.in_flight_limit, settings.budget.share
    used = f"{depths.in_flight:,} of {limit:,} in flight used ({depths.in_flight / limit:.1%})"
    lines = [f"{used}; long waits are spent in the database beyond {share:.0%}"]
    if isinstance(told, str):
        return [*lines, f"forecast and deferred messages are not known: {told}"]
    lines.append(_forecast(told.budget))
    waiting = told.waiting
    lines.append(f"{waiting.messages:,} deferred   {waiting.overdue:,} overdue")
    if waiting.next_due_at is not None:
        lines[-1] += f"   next due {waiting.next_due_at:%Y-%m-%d %H:%M:%S}Z"
    return lines


def _forecast(budget: ToldBudget | None) -> str:
    if budget is None:
        return "no forecast: no worker has told one within the last minute"
    if budget.exhausted_in_s is None:
        return "it does not run out within a day, by the trend"
    return f"nothing is left in {timedelta(seconds=round(budget.exhausted_in_s))}, by the trend"


def _now() -> datetime:
    return datetime.now(UTC)
