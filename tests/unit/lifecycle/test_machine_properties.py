"""The payment machine through the binding: any order, any repetition, any batches, the oracle's books."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payflow.workload import Mix, Workload, expected
from payflow.workload.clock import CLOCK_START, unix_ms
from payflow.workload.faulty import FAULTS
from payflow.workload.histories import Historian
from payflow.workload.stories import STORIES

from tests.unit.lifecycle.batches import Run, facts_of, in_batches

if TYPE_CHECKING:
    from payflow.workload import History
    from payflow.workload.draft import Fact

COPIES_MAX = 3
SIZES = st.lists(st.integers(1, 20), min_size=1, max_size=6)
SEEDS = st.integers(0, 2**32)
NOW_MS = unix_ms(CLOCK_START) + 86_400_000
OWN_OPERATION = ("other_currency", "over_capture", "orphan")
"""Faults under an operation id of their own: what they contradict is the payment, whenever they come."""

thorough = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def histories(draw: st.DrawFn) -> list[History]:
    """Whole histories of some payments: of every kind as often as live traffic has it, or of one kind."""
    story = draw(st.none() | st.sampled_from(sorted(STORIES)))
    return list(Workload(draw(SEEDS)).histories(draw(st.integers(1, 4)), story))


@st.composite
def histories_out_of_order(draw: st.DrawFn) -> tuple[list[History], list[Fact]]:
    """Histories, and their facts in any order, each from once to `COPIES_MAX` times."""
    told = draw(histories())
    facts = facts_of(told)
    copies = draw(st.lists(st.integers(1, COPIES_MAX), min_size=len(facts), max_size=len(facts)))
    delivered = [fact for fact, count in zip(facts, copies, strict=True) for _ in range(count)]
    return told, draw(st.permutations(delivered))


def books_of(told: list[History]) -> dict[str, object]:
    return {history.payment_id: expected(history.facts) for history in told}


@thorough
@given(case=histories_out_of_order(), sizes=SIZES)
def test_any_order_any_repetition_and_any_batches_give_the_oracles_books_and_park_nothing(
    case: tuple[list[History], list[Fact]], sizes: list[int]
) -> None:
    told, delivered = case
    run = Run()
    for batch in in_batches(delivered, sizes):
        run.batch(batch)
    assert run.books() == books_of(told)
    assert run.parked() == {}
    assert {seen.verdict for seen in run.delivered} <= {"apply", "stale", "duplicate", "premature"}


@thorough
@given(case=histories_out_of_order(), sizes=SIZES)
def test_each_fact_changes_its_payment_once_at_most_however_often_it_comes(
    case: tuple[list[History], list[Fact]], sizes: list[int]
) -> None:
    _, delivered = case
    run = Run()
    for batch in in_batches(delivered, sizes):
        run.batch(batch)
    applied = [seen.event_id for seen in run.delivered if seen.verdict == "apply"]
    assert len(applied) == len(set(applied)) == sum(run.versions().values())


@thorough
@given(case=histories_out_of_order(), sizes=SIZES, marks=SEEDS)
def test_marks_of_committed_events_save_work_and_change_nothing(
    case: tuple[list[History], list[Fact]], sizes: list[int], marks: int
) -> None:
    told, delivered = case
    random = Random(marks)  # noqa: S311 - test data
    run, marked = Run(), set[str]()
    for batch in in_batches(delivered, sizes):
        run.batch(batch, marked)
        # Marks are written after the commit, and any of them may get lost.
        marked |= {fact["event_id"] for fact in batch if random.random() < 0.5}
    assert run.books() == books_of(told)
    assert run.parked() == {}


@pytest.mark.parametrize("fault", FAULTS)
@settings(thorough, max_examples=60)
@given(seed=SEEDS, story=st.sampled_from(sorted(STORIES)), sizes=SIZES)
def test_a_faulty_fact_after_its_payment_surfaces_and_moves_no_money(
    fault: str, seed: int, story: str, sizes: list[int]
) -> None:
    [history] = told = list(Workload(seed).histories(1, story))
    run = Run()
    random = Random(seed)  # noqa: S311 - test data
    for batch in in_batches(random.sample(history.facts, len(history.facts)), sizes):
        run.batch(batch)
    faulty = FAULTS[fault](Historian(random, Mix()), history, NOW_MS)
    run.batch([faulty])
    surfaced = run.delivered[-1]
    assert surfaced.verdict in {"conflict", "impossible", "premature"}, surfaced
    assert sum(run.parked().values()) == (surfaced.verdict == "premature")
    books = run.books()
    assert {payment_id: books[payment_id] for payment_id in books_of(told)} == books_of(told)


@pytest.mark.parametrize("fault", OWN_OPERATION)
@settings(thorough, max_examples=60)
@given(seed=SEEDS, story=st.sampled_from(sorted(STORIES)), sizes=SIZES, place=st.integers(0, 40))
def test_a_fact_that_can_never_be_true_surfaces_wherever_it_comes(
    fault: str, seed: int, story: str, sizes: list[int], place: int
) -> None:
    [history] = told = list(Workload(seed).histories(1, story))
    random = Random(seed)  # noqa: S311 - test data
    faulty = FAULTS[fault](Historian(random, Mix()), history, NOW_MS)
    delivered = random.sample(history.facts, len(history.facts))
    delivered.insert(min(place, len(delivered)), faulty)
    run = Run()
    for batch in in_batches(delivered, sizes):
        run.batch(batch)
    last = [seen for seen in run.delivered if seen.event_id == faulty["event_id"]][-1]
    assert last.verdict in {"conflict", "impossible", "premature"}, last
    assert sum(run.parked().values()) == (last.verdict == "premature")
    books = run.books()
    assert {payment_id: books[payment_id] for payment_id in books_of(told)} == books_of(told)
