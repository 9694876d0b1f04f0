"""What the store refuses is isolated, what it can't do now comes again, and no mark is written for either."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
import pytest
from payflow import _native
from payflow.decoding import Decoder
from payflow.errors import StoreUnavailable
from payflow.events import Sources
from payflow.ledger.ledger import IDENTITY
from payflow.workload import Mix, Workload
from payflow.workload.malformed import MALFORMED

from tests.integration.ledger.transactions import END_OTHER_SESSIONS, until_waiting
from tests.integration.pipeline.line import batch_of
from tests.scenarios.books import Told, assert_books_are_right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.workload.draft import Fact

    from tests.integration.pipeline.line import Line

SALES = 64
DEADLINE_S = 20.0


def sales(seed: int, count: int = SALES) -> list[Fact]:
    return [history.facts[0] for history in Workload(seed, Mix()).histories(count, "sale")]


async def refuse(line: Line, facts: Sequence[Fact]) -> None:
    """Make the database refuse these payments."""
    names = ", ".join(f"'{fact['payment_id']}'" for fact in facts)
    await line.look.execute(
        f"ALTER TABLE payment_transactions ADD CONSTRAINT poison CHECK (payment_id NOT IN ({names}))"
    )


async def unmarked(line: Line, facts: Sequence[Fact]) -> int:
    """Count the events that have no mark."""

    decoded = Decoder(Sources.load(), lambda: datetime.now(UTC)).decode(
        [orjson.dumps(fact) for fact in facts]
    )
    events = _native.Events(decoded.events, decoded.payloads)
    ledger_id = str(await line.look.fetchval(IDENTITY))
    return len(await line.seen.unseen(events.mark_keys(ledger_id), events.fingerprints()))


@pytest.mark.parametrize(
    "poisoned",
    [[0], [SALES - 1], [3, 31, 32], list(range(SALES))],
    ids=["first", "last", "scattered", "all"],
)
async def test_poison_is_isolated_wherever_it_stands_and_its_neighbours_are_committed(
    line: Line, poisoned: list[int]
) -> None:
    facts = sales(1)
    await refuse(line, [facts[place] for place in poisoned])
    batch = batch_of([orjson.dumps(fact) for fact in facts])
    outcomes = await line.pipeline.process(batch)
    assert sorted(token for token, _ in outcomes.retries) == [batch.tokens[place] for place in poisoned]
    assert sorted(outcomes.done) == [
        token for place, token in enumerate(batch.tokens) if place not in poisoned
    ]
    assert line.figures.failures == {"store_refused": len(poisoned)}
    good = [fact for place, fact in enumerate(facts) if place not in poisoned]
    assert await unmarked(line, [facts[place] for place in poisoned]) == len(poisoned)
    assert await unmarked(line, good) == 0
    await assert_books_are_right(line.dsn, Told(facts=good))


async def test_malformed_messages_beside_poison_are_dead_lettered_and_listed(line: Line) -> None:
    facts = sales(2)
    await refuse(line, facts[:1])
    bad = [
        MALFORMED[kind](fact) for kind, fact in zip(("not_json", "amount_zero", "null"), facts, strict=False)
    ]
    outcomes = await line.process([*(orjson.dumps(fact) for fact in facts), *bad])
    assert (len(outcomes.done), len(outcomes.retries), len(outcomes.dead_letters)) == (SALES - 1, 1, 3)
    assert await line.look.fetchval("SELECT count(*) FROM dead_letters") == 3


async def test_a_dead_letter_that_the_database_refuses_waits_alone(line: Line) -> None:
    facts = sales(3)
    bad = [
        MALFORMED[kind](fact) for kind, fact in zip(("not_json", "amount_zero", "null"), facts, strict=False)
    ]
    await line.look.execute("ALTER TABLE dead_letters ADD CHECK (reason <> 'not_json')")
    outcomes = await line.process([*(orjson.dumps(fact) for fact in facts), *bad])
    assert (len(outcomes.done), len(outcomes.retries), len(outcomes.dead_letters)) == (SALES, 1, 2)


async def test_sessions_that_the_database_ends_cost_a_retry_and_nothing_else(line: Line) -> None:
    facts = sales(4)
    bodies = [orjson.dumps(fact) for fact in facts]
    async with asyncio.timeout(DEADLINE_S):
        async with line.look.transaction():
            await line.look.execute("LOCK TABLE payment_transactions IN ACCESS EXCLUSIVE MODE")
            processing = asyncio.create_task(line.process(bodies))
            await until_waiting(line.look)
            await line.look.execute(END_OTHER_SESSIONS)
        outcomes = await processing
    assert len(outcomes.retries) == SALES
    assert line.figures.failures == {"store_unavailable": SALES}
    assert line.figures.splits == 0, "an outage is no reason to split"
    assert await unmarked(line, facts) == SALES
    assert len((await line.process(bodies)).done) == SALES
    await assert_books_are_right(line.dsn, Told(facts=facts))


async def test_a_commit_whose_answer_is_lost_is_found_out_by_the_next_delivery(line: Line) -> None:
    """The transaction took effect, the worker never heard of it, and nothing was marked."""
    facts = sales(5)
    bodies = [orjson.dumps(fact) for fact in facts]
    commit = line.pipeline._commit

    async def lost(*arguments: object, **options: object) -> object:
        await commit(*arguments, **options)  # type: ignore[arg-type]
        raise StoreUnavailable("the connection was lost")

    line.pipeline._commit = lost  # type: ignore[assignment, method-assign]
    first = await line.process(bodies[:1])
    line.pipeline._commit = commit  # type: ignore[method-assign]
    assert len(first.retries) == 1
    assert len((await line.process(bodies)).done) == SALES
    await assert_books_are_right(line.dsn, Told(facts=facts))


async def test_a_quarantined_message_that_comes_again_goes_to_the_dead_letter_queue_again(line: Line) -> None:
    """The worker may have died between the commit and the sending, and nobody else would send it."""
    [history] = Workload(88, Mix()).histories(1, "captured")
    impossible = {**history.facts[0], "event_id": "evt_impossible", "operation_id": "other"}
    impossible |= {"type": "capture.succeeded", "amount": {"value": 1, "currency": "BHD", "exponent": 3}}
    body = orjson.dumps(impossible)
    await line.process([orjson.dumps(fact) for fact in history.facts])
    assert [letter.klass for letter in (await line.process([body], ["m"])).dead_letters] == ["impossible"]
    again = await line.process([body], ["m"], receive_count=2)
    assert [(letter.klass, letter.reason) for letter in again.dead_letters] == [
        ("impossible", "currency_differs")
    ]
    # The provider's own retry is another message: it is a duplicate, and told once is enough.
    assert (await line.process([body], ["n"], receive_count=2)).dead_letters == []
    await line.look.execute(
        "UPDATE dead_letters SET status = 'discarded', status_by = 'o', status_at = now()"
    )
    assert (await line.process([body], ["m"], receive_count=3)).dead_letters == []
    assert await line.look.fetchval("SELECT count(*) FROM dead_letters") == 1
