"""A plan of faults follows from its seed and size alone, and leaves no part of the system alone."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import pytest
from payflow.drill.kinds import KINDS, SHOTS_MAX, Lane, deck_of
from payflow.drill.options import DrillOptions
from payflow.drill.plan import Injection, Stretch, make_plan
from payflow.drill.run import plan_of


def lanes(stretch: Stretch) -> dict[tuple[Lane, int | None], list[Injection]]:
    sorted_out: dict[tuple[Lane, int | None], list[Injection]] = {}
    for injection in stretch.injections:
        sorted_out.setdefault((injection.kind.lane, injection.worker), []).append(injection)
    return sorted_out


def test_the_same_seed_gives_the_same_plan_in_any_process() -> None:
    command = [
        sys.executable,
        "-m",
        "payflow",
        "drill",
        "--seed",
        "7",
        "--minutes",
        "0.5",
        "--plan",
        "--json",
    ]
    printed = [
        subprocess.run(  # noqa: S603 - our own interpreter
            command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True, timeout=60
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1]
    assert printed[0].count(b'"fault"') > 10


def test_another_seed_or_another_number_of_workers_gives_other_faults() -> None:
    assert make_plan(1, 60, 10, 2).load != make_plan(2, 60, 10, 2).load
    assert len(make_plan(1, 60, 10, 3).injections) > len(make_plan(1, 60, 10, 2).injections)


def test_faults_of_one_lane_follow_each_other_and_all_are_over_before_it_gets_quiet() -> None:
    for seed in range(20):
        plan = make_plan(seed, 120, 30, 2)
        for stretch in (plan.load, plan.contradictions):
            assert all(injection.ends_s <= stretch.seconds for injection in stretch.injections)
            for faults in lanes(stretch).values():
                assert all(before.ends_s < after.at_s for before, after in pairwise(faults))


def test_each_lane_deals_all_its_kinds_by_weight_before_it_begins_again() -> None:
    plan = make_plan(3, 600, 30, 2)
    for (lane, _), faults in lanes(plan.load).items():
        names = [injection.kind.name for injection in faults]
        first = names[: len(deck_of(lane))]
        assert sorted(first) == sorted(kind.name for kind in deck_of(lane))
    assert {injection.kind for injection in plan.load.injections} == set(KINDS)


def test_counted_faults_strike_at_least_once_and_at_most_as_often_as_allowed() -> None:
    for injection in make_plan(4, 600, 30, 2).injections:
        if injection.kind.counted:
            assert injection.shots is not None
            assert 1 <= injection.shots <= SHOTS_MAX
        else:
            assert injection.shots is None


@pytest.mark.parametrize(
    ("options", "load_s", "contradictions_s", "deliveries"),
    [
        (DrillOptions(seed=1, minutes=1, rate=500), 48.0, 12.0, 24_000),
        (DrillOptions(seed=1, minutes=10, rate=10), 570.0, 30.0, 5_700),
        (DrillOptions(seed=1, events=1_000_000, rate=1_000), 1_000.0, 30.0, 1_000_000),
    ],
)
def test_minutes_are_all_the_faults_and_events_are_all_that_is_sent(
    options: DrillOptions, load_s: float, contradictions_s: float, deliveries: int
) -> None:
    plan = plan_of(options)
    assert (plan.load.seconds, plan.contradictions.seconds) == (load_s, contradictions_s)
    assert options.deliveries == deliveries


def test_the_command_of_a_drill_names_everything_that_its_plan_follows_from() -> None:
    assert (
        DrillOptions(seed=9, minutes=0.5, rate=20, workers=3, every_fault=True).command
        == "payflow drill --seeds 9 --minutes 0.5 --rate 20 --workers 3 --every-fault"
    )
    assert (
        DrillOptions(seed=9, events=1_000).command
        == "payflow drill --seeds 9 --events 1000 --rate 500 --workers 2"
    )
