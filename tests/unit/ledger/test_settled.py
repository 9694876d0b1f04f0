"""Settling lets no row be missed that is committed after rows with higher ids."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from payflow.ledger.settled import LOOKS_MAX, Settling


def test_an_idle_table_is_settled_at_the_look_after() -> None:
    settling = Settling[int]()
    assert settling.look(7, oldest=100, next_=100) is None
    assert settling.look(7, oldest=100, next_=100) == 7


def test_a_transaction_that_drew_an_id_before_is_waited_for() -> None:
    settling = Settling[int]()
    settling.look(7, oldest=100, next_=101)
    assert settling.look(9, oldest=100, next_=103) is None
    assert settling.look(9, oldest=100, next_=103) is None
    assert settling.look(12, oldest=103, next_=105) == 9


def test_one_that_gets_its_number_only_after_the_look_is_waited_for_too() -> None:
    settling = Settling[int]()
    settling.look(7, oldest=100, next_=100)  # somebody has drawn 6 and has no number yet
    assert settling.look(7, oldest=100, next_=101) is None
    assert settling.look(7, oldest=101, next_=101) == 7


def test_a_long_transaction_costs_a_bounded_memory_and_nothing_is_lost() -> None:
    settling = Settling[int]()
    for newest in range(10 * LOOKS_MAX):
        assert settling.look(newest, oldest=1, next_=newest + 2) is None
    assert settling.look(10_000, oldest=20_000, next_=20_000) == LOOKS_MAX - 1
    assert settling.look(10_000, oldest=20_000, next_=20_000) == 10_000


@given(st.data())
def test_whatever_the_order_of_commits_no_id_appears_below_what_is_settled(data: st.DataObject) -> None:
    settling = Settling[int]()
    under_way: dict[int, list[int]] = {}
    visible: set[int] = set()
    next_number, next_id, settled = 1, 1, 0
    for _ in range(data.draw(st.integers(1, 60))):
        action = data.draw(st.sampled_from(["begin", "draw", "commit", "look"]))
        if action == "begin":
            under_way[next_number] = []
            next_number += 1
        elif action == "draw" and under_way:
            under_way[data.draw(st.sampled_from(sorted(under_way)))].append(next_id)
            next_id += 1
        elif action == "commit" and under_way:
            ids = under_way.pop(data.draw(st.sampled_from(sorted(under_way))))
            assert all(number > settled for number in ids)
            visible.update(ids)
        elif action == "look":
            found = settling.look(max(visible, default=0), min(under_way, default=next_number), next_number)
            settled = settled if found is None else found
