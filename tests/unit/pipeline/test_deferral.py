"""Which failed messages wait in the database, and what is written of them before they leave the queue."""

from __future__ import annotations

from typing import Any

import pytest
from payflow.errors import StoreRefused, StoreUnavailable
from payflow.intake.contract import Carried
from payflow.ledger import LedgerRaced, LedgerStalled
from payflow.pipeline import Deferral

from tests.unit.pipeline.troubled import Trouble, batch_of

BODY_BYTES_MAX = 10_000


def deferral(*, beyond: bool = True, redriven_at: int | None = None, delay_min_s: float = 0.0) -> Deferral:
    return Deferral(
        queue="events",
        delay_min_s=delay_min_s,
        beyond_share=lambda: beyond,
        redriven_at=lambda: redriven_at,
        body_bytes_max=BODY_BYTES_MAX,
    )


def refusing(message_id: str, deferral: Deferral | None, **knobs: Any) -> Trouble:
    def apply(tried: list[str]) -> None:
        if message_id in tried:
            raise StoreRefused("a constraint")

    return Trouble(apply, deferral=deferral, **knobs)


@pytest.mark.parametrize(
    ("beyond", "delay_s", "cause"),
    [(True, 30, "long_wait"), (True, 29, None), (False, 300, None)],
)
def test_long_waits_leave_the_queue_once_more_than_the_share_is_used(
    beyond: bool, delay_s: int, cause: str | None
) -> None:
    policy = deferral(beyond=beyond, delay_min_s=30)
    assert policy.cause(delay_s=delay_s, receives=1, attempts_left=14, body_bytes=10) == cause


@pytest.mark.parametrize(
    ("receives", "attempts_left", "cause"),
    [
        (15, 0, None),
        (14, 1, None),
        (13, 2, None),  # each receive was an attempt: the worker's decision comes with the last of both
        (13, 3, "receives_spent"),
        (12, 14, None),  # three receives are left, which is more than is kept for what may befall it
        (14, 2, "receives_spent"),
        (15, 1, "receives_spent"),
        (40, 1, "receives_spent"),
    ],
)
def test_a_message_leaves_before_sqs_ends_it_with_attempts_left(
    receives: int, attempts_left: int, cause: str | None
) -> None:
    policy = deferral(beyond=False, redriven_at=15)
    found = policy.cause(delay_s=0, receives=receives, attempts_left=attempts_left, body_bytes=10)
    assert found == cause


def test_without_a_redrive_policy_receives_are_never_spent() -> None:
    policy = deferral(beyond=False)
    assert policy.cause(delay_s=0, receives=999, attempts_left=15, body_bytes=10) is None


@pytest.mark.parametrize("redriven_at", [None, 15])
def test_a_body_that_could_not_be_sent_again_stays_in_the_queue(redriven_at: int | None) -> None:
    policy = deferral(redriven_at=redriven_at)
    body_bytes = BODY_BYTES_MAX + 1
    assert policy.cause(delay_s=300, receives=15, attempts_left=5, body_bytes=body_bytes) is None


async def test_a_message_is_written_as_it_came_and_only_then_acknowledged() -> None:
    trouble = refusing("m1", deferral())
    batch = batch_of(3, receives=4)
    outcomes = await trouble.pipeline.process(batch)
    assert sorted(outcomes.done) == [1, 2, 3]
    assert outcomes.retries == []
    (row,) = trouble.ledger.deferred
    assert (row.message_id, row.cause, row.reason) == ("m1", "long_wait", "store_refused")
    assert (row.attempts, row.receives, row.body) == (1, 4, batch.bodies[1])
    assert row.error == "a constraint"
    assert row.payment_id is not None
    assert trouble.figures.deferred == {"long_wait": 1}


@pytest.mark.parametrize("error", [StoreUnavailable("gone"), LedgerRaced("again"), StoreRefused("no")])
async def test_a_message_that_could_not_be_written_waits_in_the_queue(error: Exception) -> None:
    trouble = refusing("m1", deferral())
    trouble.ledger.error = error
    outcomes = await trouble.pipeline.process(batch_of(3))
    assert sorted(outcomes.done) == [1, 3]
    assert [token for token, _ in outcomes.retries] == [2]
    assert trouble.figures.deferred == {}


async def test_without_deferral_all_wait_in_the_queue() -> None:
    trouble = refusing("m0", None)
    assert [token for token, _ in (await trouble.pipeline.process(batch_of(2))).retries] == [1]


async def test_a_message_whose_attempts_nobody_knows_stays_where_its_redrive_policy_can_end_it() -> None:
    trouble = refusing("m0", deferral(redriven_at=15))
    trouble.attempts.away = True
    outcomes = await trouble.pipeline.process(batch_of(2, receives=15))
    assert [token for token, _ in outcomes.retries] == [1]
    assert trouble.ledger.deferred == []


async def test_attempts_go_on_counting_under_the_first_id() -> None:
    trouble = refusing("m0", deferral(), attempts_max=3)
    await trouble.pipeline.process(batch_of(1))
    await trouble.pipeline.process(batch_of(1, carried={0: Carried(1, 9)}))
    assert [row.attempts for row in trouble.ledger.deferred] == [1, 2]
    outcomes = await trouble.pipeline.process(batch_of(1, carried={0: Carried(2, 9)}))
    (letter,) = outcomes.dead_letters
    assert (letter.klass, letter.message_id) == ("exhausted", "m0")


async def test_what_a_message_carries_is_the_least_of_its_attempts() -> None:
    """Whoever counts may have lost its counts; a message must not be tried for ever because of that."""
    trouble = refusing("m0", deferral(), attempts_max=3)
    outcomes = await trouble.pipeline.process(batch_of(1, carried={0: Carried(2, 9)}))
    assert len(outcomes.dead_letters) == 1


async def test_receives_from_before_the_wait_are_not_those_that_sqs_counts_now() -> None:
    policy = deferral(beyond=False, redriven_at=15)
    trouble = refusing("m0", policy, attempts_max=15)
    outcomes = await trouble.pipeline.process(batch_of(1, receives=20, carried={0: Carried(5, 18)}))
    assert [token for token, _ in outcomes.retries] == [1], "only two of the twenty count"


async def test_a_stalled_message_whose_receives_are_spent_is_kept_from_the_dead_letters() -> None:
    def apply(tried: list[str]) -> None:
        raise LedgerStalled("canceling statement due to statement timeout")

    trouble = Trouble(apply, attempts_max=15, deferral=deferral(beyond=False, redriven_at=15))
    outcomes = await trouble.pipeline.process(batch_of(1, receives=15))
    assert outcomes.done == [1]
    (row,) = trouble.ledger.deferred
    assert (row.cause, row.reason, row.attempts) == ("receives_spent", "store_stalled", 0)


async def test_each_failed_attempt_is_counted_by_its_number() -> None:
    trouble = refusing("m0", None, attempts_max=5)
    for _ in range(3):
        await trouble.pipeline.process(batch_of(2))
    counted = trouble.figures.failed_attempts.read()
    assert (counted.counts[-1], counted.sum) == (3, 1 + 2 + 3)
