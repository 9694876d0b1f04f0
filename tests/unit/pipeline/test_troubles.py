"""What the pipeline makes of a store that is away, stalls or refuses."""

from __future__ import annotations

from collections import Counter

import pytest
from payflow.errors import StoreRefused, StoreUnavailable
from payflow.ledger import LedgerRaced, LedgerStalled

from tests.unit.pipeline.troubled import Trouble, batch_of


def refusing(*message_ids: str) -> Trouble:
    """A store that refuses these messages."""

    def apply(tried: list[str]) -> None:
        if set(tried) & set(message_ids):
            raise StoreRefused("a constraint")

    return Trouble(apply)


async def test_a_batch_whose_store_goes_away_is_processed_again_as_it_is() -> None:
    answers = iter([StoreUnavailable("gone"), StoreUnavailable("gone"), None])

    def apply(_tried: list[str]) -> None:
        if (error := next(answers)) is not None:
            raise error

    trouble = Trouble(apply)
    outcomes = await trouble.pipeline.process(batch_of(4))
    assert outcomes.done == [1, 2, 3, 4]
    assert outcomes.retries == []
    assert (trouble.gate.failures, trouble.gate.successes) == (2, 1)
    assert trouble.attempts.counts == {}, "no attempt is burnt"
    assert trouble.figures.splits == 0


async def test_what_was_held_too_long_goes_back_at_once_and_burns_no_attempt() -> None:
    def apply(_tried: list[str]) -> None:
        raise StoreUnavailable("gone")

    trouble = Trouble(apply)
    trouble.gate.returns = 0
    outcomes = await trouble.pipeline.process(batch_of(4))
    assert outcomes.retries == [(1, 0), (2, 0), (3, 0), (4, 0)]
    assert trouble.attempts.counts == {}


async def test_only_the_part_that_was_not_applied_waits_for_the_store() -> None:
    gone = iter([StoreUnavailable("gone")])

    def apply(tried: list[str]) -> None:
        if "m0" in tried and len(tried) > 1:
            raise StoreRefused("a constraint")
        if tried == ["m2", "m3"]:
            for error in gone:
                raise error

    trouble = Trouble(apply)
    assert sorted((await trouble.pipeline.process(batch_of(4))).done) == [1, 2, 3, 4]
    assert trouble.tries.count(["m2", "m3"]) == 2
    assert trouble.tries.count(["m0"]) == 1


async def test_a_batch_that_stalls_while_the_server_works_is_split_until_the_culprit_stands_alone() -> None:
    def apply(tried: list[str]) -> None:
        if "m2" in tried:
            raise LedgerStalled("canceling statement due to statement timeout")

    trouble = Trouble(apply)
    outcomes = await trouble.pipeline.process(batch_of(4))
    assert sorted(outcomes.done) == [1, 2, 4]
    assert [token for token, _ in outcomes.retries] == [3]
    assert trouble.gate.failures == 1, "the first stall may be the server's"
    assert trouble.attempts.counts == {}, "a stall is no failed attempt"
    assert trouble.figures.failures["store_stalled"] == 1


async def test_every_use_of_the_store_is_told_to_the_gate() -> None:
    trouble = refusing("m1")
    await trouble.pipeline.process(batch_of(4))
    assert trouble.gate.successes == len(trouble.tries), "a refusal is an answer, too"


async def test_failed_attempts_are_counted_by_message_whatever_its_receives() -> None:
    trouble = refusing("m1")
    outcomes = await trouble.pipeline.process(batch_of(4))
    assert sorted(outcomes.done) == [1, 3, 4]
    ((token, delay_s),) = outcomes.retries
    assert token == 2
    assert delay_s <= 1, "the first failure waits for a second at most, on the ninth receive as well"


async def test_a_message_whose_attempts_are_used_up_is_dead_lettered_with_its_row() -> None:
    trouble = refusing("m1")
    for _ in range(2):
        assert (await trouble.pipeline.process(batch_of(3))).dead_letters == []
    outcomes = await trouble.pipeline.process(batch_of(3))
    (letter,), (row,) = outcomes.dead_letters, trouble.ledger.rows
    assert outcomes.retries == []
    assert (letter.token, letter.klass, letter.message_id) == (2, "exhausted", "m1")
    assert (row.klass, row.reason, row.message_id) == ("exhausted", "store_refused", "m1")
    assert row.payment_id is not None
    assert "3 attempts" in (row.rule or "")


@pytest.mark.parametrize("error", [StoreUnavailable("gone"), LedgerRaced("again"), StoreRefused("no")])
async def test_without_its_row_a_message_is_not_dead_lettered(error: Exception) -> None:
    trouble = refusing("m1")
    trouble.ledger.error = error
    for _ in range(4):
        outcomes = await trouble.pipeline.process(batch_of(3))
        assert [token for token, _ in outcomes.retries] == [2]
        assert outcomes.dead_letters == []


async def test_while_nobody_knows_the_attempts_a_message_is_tried_on() -> None:
    trouble = refusing("m0")
    trouble.attempts.away = True
    for _ in range(10):
        outcomes = await trouble.pipeline.process(batch_of(2))
        assert [token for token, _ in outcomes.retries] == [1]


async def test_an_error_of_ours_fails_the_message_that_brings_it_about_and_no_other() -> None:
    def apply(tried: list[str]) -> None:
        if "m3" in tried:
            raise KeyError("m3")

    trouble = Trouble(apply)
    outcomes = await trouble.pipeline.process(batch_of(6))
    assert len(outcomes.done) == 5
    assert trouble.figures.failures == Counter(unexpected=1)
