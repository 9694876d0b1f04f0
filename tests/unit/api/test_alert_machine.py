"""Triage leads from state to state as the table says, and keeps what it should."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payflow.api.alerts.machine import ALLOWED, State, after

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ASKED: dict[str, dict[str, Any]] = {
    "acknowledge": {},
    "assign": {"assignee_id": "bob"},
    "snooze": {"until": NOON},
    "resolve": {"outcome": "fixed", "note": "done"},
    "reopen": {"note": "again"},
}


@pytest.mark.parametrize(
    ("state", "action", "expected"),
    [
        (State(status="open"), "acknowledge", State(status="acknowledged", assignee_id="ada")),
        (
            State(status="open", assignee_id="bob"),
            "acknowledge",
            State(status="acknowledged", assignee_id="bob"),
        ),
        (State(status="open"), "assign", State(status="open", assignee_id="bob")),
        (State(status="open"), "snooze", State(status="snoozed", snoozed_until=NOON)),
        (
            State(status="snoozed", snoozed_until=NOON),
            "acknowledge",
            State(status="acknowledged", assignee_id="ada"),
        ),
        (
            State(status="snoozed", snoozed_until=NOON),
            "resolve",
            State(status="resolved", outcome="fixed", note="done"),
        ),
        (
            State(status="resolved", assignee_id="bob", outcome="fixed", note="done"),
            "reopen",
            State(status="open", assignee_id="bob"),
        ),
        (
            State(status="acknowledged", assignee_id="ada"),
            "reopen",
            State(status="open", assignee_id="ada"),
        ),
        (State(status="snoozed", snoozed_until=NOON), "reopen", State(status="open")),
    ],
)
def test_each_step_changes_what_it_says(state: State, action: Any, expected: State) -> None:
    assert after(state, action, user_id="ada", **ASKED[action]) == expected


@given(st.data())
def test_any_walk_keeps_what_the_database_demands_of_each_status(data: st.DataObject) -> None:
    state = State(status="open")
    for _ in range(data.draw(st.integers(1, 20))):
        action: Any = data.draw(st.sampled_from(ALLOWED[state.status]))
        state = after(state, action, user_id="ada", **ASKED[action])
        assert (state.snoozed_until is not None) is (state.status == "snoozed")
        assert (state.outcome is not None) is (state.status == "resolved")
