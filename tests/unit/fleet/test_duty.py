"""What a worker has to do follows from the fleet's order and its own: the stricter one counts."""

from __future__ import annotations

import pytest
from payflow.fleet import FleetState, Limits, Orders
from payflow.fleet.orders import OwnOrder

RUNNING, PAUSED, DRAINING = FleetState


def orders(
    state: FleetState = RUNNING,
    *,
    exits: bool = False,
    at: int = 0,
    own: OwnOrder | None = None,
    live: int = 1,
) -> Orders:
    return Orders(
        revision=9,
        state=state,
        exits=exits,
        state_revision=at,
        limits=Limits(rate_per_s=7),
        own=own,
        workers_live=live,
    )


def own(state: FleetState, *, exits: bool = False, at: int = 0) -> OwnOrder:
    return OwnOrder(state=state, exits=exits, revision=at)


@pytest.mark.parametrize(
    ("fleet", "itself", "does"),
    [
        (RUNNING, None, RUNNING),
        (RUNNING, PAUSED, PAUSED),
        (RUNNING, DRAINING, DRAINING),
        (PAUSED, None, PAUSED),
        (PAUSED, PAUSED, PAUSED),
        (PAUSED, DRAINING, DRAINING),
        (DRAINING, None, DRAINING),
        (DRAINING, PAUSED, DRAINING),
    ],
)
def test_the_stricter_order_counts(fleet: FleetState, itself: FleetState | None, does: FleetState) -> None:
    duty = orders(fleet, own=None if itself is None else own(itself)).duty(0)
    assert (duty.state, duty.revision, duty.limits) == (does, 9, Limits(rate_per_s=7))


def test_an_order_to_end_is_for_those_that_ran_when_it_was_given() -> None:
    drained = orders(DRAINING, exits=True, at=5)
    assert drained.duty(4).exits
    restarted = drained.duty(5)
    assert (restarted.state, restarted.exits) == (DRAINING, False), "it stays, and receives nothing"


def test_an_order_to_one_worker_to_end_is_its_own() -> None:
    assert orders(own=own(DRAINING, exits=True, at=5)).duty(4).exits
    assert not orders(own=own(DRAINING, exits=True, at=5)).duty(5).exits
    assert not orders(own=own(DRAINING, at=5)).duty(4).exits


def test_a_worker_counts_itself() -> None:
    assert orders(live=0).duty(0).workers_live == 1
    assert orders(live=3).duty(0).workers_live == 3
