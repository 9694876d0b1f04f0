"""Batches of any size, several at once: one outcome for each delivery, and the oracle's books."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import TYPE_CHECKING

import orjson
import pytest
from payflow.workload import Mix, Workload
from payflow.workload.malformed import MALFORMED

from tests.scenarios.books import Told, assert_books_are_right, assert_books_follow_from_trail

if TYPE_CHECKING:
    from tests.integration.pipeline.line import Line

MIX = Mix(duplicates=0.15, late=0.2, faulty=0.0, envelopes=0.1, bad=0.03)


def sale(seed: int) -> dict[str, object]:
    [history] = Workload(seed).histories(1, "sale")
    return history.facts[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_batches_of_random_sizes_side_by_side_make_the_oracles_books(line: Line, seed: int) -> None:
    """Lanes would keep a payment's events in one batch at a time; here batches race for payments."""
    random = Random(seed)  # noqa: S311 - test data
    deliveries = list(Workload(seed, MIX).deliveries(1_500))
    bodies = [delivery.body for delivery in random.sample(deliveries, len(deliveries))]
    running: set[asyncio.Task[object]] = set()
    while bodies:
        size = random.choice((1, 2, 5, 30, 120))
        running.add(asyncio.create_task(line.process(bodies[:size])))
        del bodies[:size]
        if len(running) >= 4:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            assert all(task.exception() is None for task in done)
    await asyncio.gather(*running)
    await assert_books_are_right(line.dsn, Told.by(deliveries))
    assert line.figures.failures == {}


async def test_batches_at_once_race_for_new_payments_and_the_losers_run_again(line: Line) -> None:
    deliveries = list(Workload(4, Mix(faulty=0.0)).deliveries(600))
    bodies = [delivery.body for delivery in deliveries]
    outcomes = await asyncio.gather(line.process(bodies), line.process(bodies), line.process(bodies[::-1]))
    assert [len(outcome.done) for outcome in outcomes] == [600] * 3
    assert line.figures.races > 0
    assert line.figures.splits == 0
    await assert_books_are_right(line.dsn, Told.by(deliveries))


async def test_a_message_that_is_twice_in_a_batch_is_decided_twice_and_applied_once(line: Line) -> None:
    fact = sale(5)
    outcomes = await line.process([orjson.dumps(fact)] * 2, ["same-message"] * 2)
    assert len(outcomes.done) == 2
    assert line.figures.verdicts == {**dict.fromkeys(line.figures.verdicts, 0), "apply": 1, "duplicate": 1}
    await assert_books_are_right(line.dsn, Told(facts=[fact]))


async def test_a_bad_message_that_is_twice_in_a_batch_is_dead_lettered_twice_and_listed_once(
    line: Line,
) -> None:
    """Both receipts have to be decided; the dead-letter queue may hold it twice, the books may not."""
    body = MALFORMED["amount_zero"](sale(6))
    outcomes = await line.process([body] * 2, ["same-message"] * 2)
    assert len(outcomes.dead_letters) == 2
    assert await line.look.fetchval("SELECT count(*) FROM dead_letters") == 1


async def test_every_kind_of_malformed_message_is_dead_lettered_beside_neighbours_that_are_applied(
    line: Line,
) -> None:
    """Those too that SQS would not carry: no transport is asked to keep bytes away that are not text."""
    facts = [sale(100 + number) for number in range(len(MALFORMED))]
    bad = [make(fact) for make, fact in zip(MALFORMED.values(), facts, strict=True)]
    good = [sale(200 + number) for number in range(len(MALFORMED))]
    bodies = [body for pair in zip(bad, map(orjson.dumps, good), strict=True) for body in pair]
    outcomes = await line.process(bodies)
    assert (len(outcomes.done), len(outcomes.retries)) == (len(good), 0)
    assert [letter.body for letter in outcomes.dead_letters] == bad
    rows = await line.look.fetch("SELECT path, rule, body FROM dead_letters ORDER BY dead_letter_id")
    assert {bytes(row["body"]) for row in rows} == set(bad)
    assert all(row["path"].startswith("$") and row["rule"] for row in rows)
    await assert_books_are_right(line.dsn, Told(facts=good, malformed=bad))


@pytest.mark.parametrize(
    "field",
    [
        b'"metadata":{"n":123456789012345678901234567890}',
        b'"metadata":{"n":-9007199254740993,"f":1e308,"t":true}',
        b'"metadata":{}',
        '"metadata":{"note":"ß😀"}'.encode(),
        rb'"unlisted":"\u0000"',
        b'"unlisted":[[[[{"deep":null}]]]]',
        b'"occurred_at":"1970-01-01T00:00:00Z"',
        b'"correlation_id":null',
    ],
)
async def test_odd_but_valid_fields_go_through_every_stage(line: Line, field: bytes) -> None:
    given = json.loads(b"{" + field + b"}")
    rest = {name: value for name, value in sale(300).items() if name not in given}
    body = orjson.dumps(rest)[:-1] + b"," + field + b"}"
    outcomes = await line.process([body])
    assert len(outcomes.done) == 1
    assert line.figures.verdicts["apply"] == 1
    await assert_books_follow_from_trail(line.dsn)


async def test_an_event_that_is_marked_is_known_without_a_look_at_its_payment(line: Line) -> None:
    body = orjson.dumps(sale(7))
    await line.process([body])
    await line.process([body])
    reasons = await line.look.fetch("SELECT reason FROM audit_logs ORDER BY audit_id")
    assert [row["reason"] for row in reasons] == ["payment_created", "marked_as_seen"]


async def test_a_second_payload_under_a_known_event_id_is_a_conflict_although_its_id_is_marked(
    line: Line,
) -> None:
    fact = sale(8)
    other = {**fact, "operation_id": "another"}
    await line.process([orjson.dumps(fact)])
    outcomes = await line.process([orjson.dumps(other)])
    [letter] = outcomes.dead_letters
    assert (letter.klass, letter.reason) == ("conflict", "event_id_reused_with_other_payload")
    # The mark still stands for the payload that was applied.
    assert len((await line.process([orjson.dumps(fact)])).done) == 1
    await assert_books_are_right(line.dsn, Told(facts=[fact], faulty=[other]))


async def test_an_empty_batch_is_no_work(line: Line) -> None:
    assert len(await line.process([])) == 0
