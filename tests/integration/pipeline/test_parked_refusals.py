"""A parked fact that turns out to contradict its payment becomes a dead letter with its payload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from tests.scenarios.books import assert_books_follow_from_trail

if TYPE_CHECKING:
    from tests.integration.pipeline.line import Line


def fact(event_id: str, kind: str, currency: str) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "source": "stripe",
        "type": kind,
        "payment_id": "pay_parked",
        "operation_id": f"op_{event_id}",
        "merchant_id": "m_1",
        "amount": {"value": 100, "currency": currency, "exponent": 2},
        "occurred_at": "2026-11-22T10:00:00Z",
    }


async def test_a_parked_fact_in_another_currency_is_dead_lettered_when_its_payment_comes(line: Line) -> None:
    capture = fact("early", "capture.succeeded", "USD")
    await line.process([orjson.dumps(capture)])
    assert await line.look.fetchval("SELECT count(*) FROM parked_events") == 1
    await line.process([orjson.dumps(fact("creates", "authorization.succeeded", "EUR"))])
    [letter] = await line.look.fetch("SELECT * FROM dead_letters")
    assert (letter["class"], letter["reason"], letter["event_id"]) == (
        "impossible",
        "currency_differs",
        "early",
    )
    assert orjson.loads(letter["body"]) == capture
    assert await line.look.fetchval("SELECT count(*) FROM parked_events") == 0
    await assert_books_follow_from_trail(line.dsn)


async def test_a_fact_that_is_parked_and_refused_in_one_batch_is_dead_lettered_too(line: Line) -> None:
    early = orjson.dumps(fact("early", "capture.succeeded", "USD"))
    creates = orjson.dumps(fact("creates", "authorization.succeeded", "EUR"))
    await line.process([early, creates])
    assert await line.look.fetchval("SELECT count(*) FROM dead_letters WHERE class = 'impossible'") == 1
    await assert_books_follow_from_trail(line.dsn)
