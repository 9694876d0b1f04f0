"""The machine of triage: open, acknowledged, snoozed, resolved; and what leads from one to the other."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from datetime import datetime

    from payflow.api.alerts.shapes import Action, Outcome, Status

__all__ = ["ALLOWED", "PAST", "State", "after"]

ALLOWED: Final = MappingProxyType[str, tuple["Action", ...]](
    {
        "open": ("acknowledge", "assign", "snooze", "resolve"),
        "acknowledged": ("assign", "snooze", "resolve", "reopen"),
        "snoozed": ("acknowledge", "assign", "snooze", "resolve", "reopen"),
        "resolved": ("reopen",),
    }
)
"""What may be done to an alert, by its status."""

PAST: Final = MappingProxyType[str, str](
    {
        "acknowledge": "acknowledged",
        "assign": "assigned",
        "snooze": "snoozed",
        "resolve": "resolved",
        "reopen": "reopened",
    }
)
"""What became of an alert, by what was done."""


class State(Struct, frozen=True, kw_only=True):
    """What triage has made of an alert."""

    status: Status
    assignee_id: str | None = None
    snoozed_until: datetime | None = None
    outcome: Outcome | None = None
    note: str | None = None


def after(
    state: State,
    action: Action,
    *,
    user_id: str,
    assignee_id: str | None = None,
    until: datetime | None = None,
    outcome: Outcome | None = None,
    note: str | None = None,
) -> State:
    """Give the state after an action that `ALLOWED` has for it.

    Args:
        state: before.
        action: what is done.
        user_id: who does it; takes an alert that nobody has by acknowledging it.
        assignee_id: to whom it is assigned.
        until: how long it is snoozed.
        outcome: what came of it.
        note: what is said about the outcome.

    """
    match action:
        case "acknowledge":
            taken = state.assignee_id or user_id
            return replace(state, status="acknowledged", assignee_id=taken, snoozed_until=None)
        case "assign":
            return replace(state, assignee_id=assignee_id)
        case "snooze":
            return replace(state, status="snoozed", snoozed_until=until)
        case "resolve":
            return replace(state, status="resolved", snoozed_until=None, outcome=outcome, note=note)
        case "reopen":
            return replace(state, status="open", snoozed_until=None, outcome=None, note=None)
