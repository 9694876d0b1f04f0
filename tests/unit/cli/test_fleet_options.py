"""Limits as operators write them, and who does what was ordered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from payflow.cli.fleet_limits import changed, rate_text
from payflow.cli.fleet_view import limits_text
from payflow.cli.fleet_waiting import obeys, until_obeyed
from payflow.fleet import Fleet, FleetState, Limits, OrderRefused, Worker

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
BEFORE = Limits(rate_per_s=100, merchants={"m_1": 5, "m_2": 6}, batch_size_max=50, concurrency_max=1)


def change(**written: Any) -> Limits:
    plain: dict[str, Any] = {
        "rate": None,
        "merchants": (),
        "batch_size": None,
        "concurrency": None,
        "clear": False,
    }
    return changed(BEFORE, **plain | written)


def worker(worker_id: str = "worker:a:1", **told: Any) -> Worker:
    plain: dict[str, Any] = {
        "version": "0.1.0",
        "host": "a",
        "pid": 1,
        "started_at": NOW,
        "heartbeat_interval_s": 3.0,
        "state": "running",
        "paused_for": [],
        "revision": 7,
        "lanes": 2,
        "concurrency_max": 2,
        "batch_size_max": 500,
        "seen_at": NOW,
        "alive": True,
        "ordered": None,
    }
    return Worker(worker_id=worker_id, **plain | told)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ({"rate": "200"}, {"rate_per_s": 200.0}),
        ({"rate": "0.5/s"}, {"rate_per_s": 0.5}),
        ({"rate": "none"}, {"rate_per_s": None}),
        ({"merchants": ["m_3=1/s", "m_1=none"]}, {"merchants": {"m_2": 6, "m_3": 1.0}}),
        ({"merchants": ["a=b=2"]}, {"merchants": {"m_1": 5, "m_2": 6, "a=b": 2.0}}),
        ({"batch_size": "7", "concurrency": "none"}, {"batch_size_max": 7, "concurrency_max": None}),
    ],
)
def test_a_limit_that_is_named_changes_and_the_others_stay(
    written: dict[str, Any], wanted: dict[str, Any]
) -> None:
    found = change(**written)
    assert {name: getattr(found, name) for name in wanted} == wanted
    others = {"rate_per_s", "merchants", "batch_size_max", "concurrency_max"} - set(wanted)
    assert all(getattr(found, name) == getattr(BEFORE, name) for name in others)


def test_clear_lifts_what_is_not_named() -> None:
    assert change(clear=True, rate="9") == Limits(rate_per_s=9)


@pytest.mark.parametrize(
    "written",
    [{"rate": "fast"}, {"rate": "-1"}, {"merchants": ["m_1"]}, {"merchants": ["=5"]}, {"batch_size": "1.5"}],
)
def test_what_is_no_number_is_refused_with_what_to_write(written: dict[str, Any]) -> None:
    with pytest.raises(OrderRefused, match="write "):
        change(**written)


def test_limits_are_written_in_one_line() -> None:
    assert limits_text(Limits()) == "none"
    assert limits_text(BEFORE) == "rate 100/s, 1 lanes at once, batches of 50, m_1 5/s, m_2 6/s"
    assert rate_text(0.5) == "0.5/s"
    assert rate_text(12_500) == "12,500/s"


@pytest.mark.parametrize(
    ("state", "done"),
    [
        (None, {"running", "pausing", "paused", "draining", "drained"}),
        (FleetState.RUNNING, {"running", "pausing", "paused", "draining", "drained"}),
        (FleetState.PAUSED, {"paused", "draining", "drained"}),
        (FleetState.DRAINING, {"drained"}),
    ],
)
def test_an_order_is_obeyed_when_it_is_done_and_not_when_it_is_begun(
    state: FleetState | None, done: set[str]
) -> None:
    states = ("running", "pausing", "paused", "draining", "drained")
    assert {name for name in states if obeys(worker(state=name), 7, state)} == done
    assert not any(obeys(worker(state=name), 8, state) for name in states), "an older revision"


async def test_waiting_ends_when_the_last_live_worker_does_it() -> None:
    looks = [
        [
            worker("a", revision=6),
            worker("b", revision=7, state="paused"),
            worker("c", alive=False, revision=1),
        ],
        [worker("a", revision=7, state="pausing"), worker("b", state="paused")],
        [worker("a", revision=7, state="paused"), worker("b", state="paused")],
    ]
    told: list[tuple[int, int]] = []

    async def look() -> Fleet:
        return Fleet(
            state=FleetState.PAUSED,
            exits=False,
            limits=Limits(),
            revision=7,
            changed_by="o",
            changed_at=NOW,
            note="",
            workers=looks.pop(0),
        )

    awaited = await until_obeyed(
        look,
        7,
        FleetState.PAUSED,
        None,
        30.0,
        lambda so_far: told.append((len(so_far.obeyed), len(so_far.late))),
    )
    assert [found.worker_id for found in awaited.obeyed] == ["a", "b"]
    assert told == [(1, 1), (1, 1), (2, 0)]
