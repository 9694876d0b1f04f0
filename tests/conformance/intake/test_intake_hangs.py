"""A server that stops answering: every call ends at its deadline, and the client that hung is replaced."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from payflow.errors import QueueUnavailable
from payflow.intake import DeadLetter

from tests.conformance.intake.deaf_proxy import deaf_proxy
from tests.conformance.intake.harness import batch_of, eventually, take

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.intake import Intake

    from tests.conformance.intake.deaf_proxy import DeafProxy
    from tests.conformance.intake.harness import Bench

QUICK: dict[str, Any] = {
    "wait_time_s": 0,
    "poll_slack_s": 1.5,
    "call_timeout_s": 1.5,
    "poll_backoff_max_s": 0.1,
    "deletes_max": 8,
}


def bodies(count: int, first: int = 0) -> list[str]:
    return [
        f'{{"payment_id":"pay_{number % 7}","number":{number}}}' for number in range(first, first + count)
    ]


@asynccontextmanager
async def proxied(bench: Bench, **knobs: Any) -> AsyncIterator[tuple[DeafProxy, Intake]]:
    """Open an intake behind a proxy; it is stopped before the proxy goes."""
    async with deaf_proxy(bench.server.endpoint_url) as proxy:
        intake = await bench.open(endpoint_url=proxy.endpoint_url, **QUICK | knobs)
        yield proxy, intake
        proxy.heal()
        await intake.stop(5.0)


async def test_once_a_call_has_hung_no_older_connection_is_used_again(faulty: Bench) -> None:
    await faulty.send(bodies(80))
    async with proxied(faulty) as (proxy, intake):
        for batch in await take(intake, 80):
            intake.acknowledge(batch.tokens)
        await eventually(lambda: intake.stats().in_flight == 0, "many connections were used, and are idle")
        proxy.deafen()
        await eventually(lambda: intake.stats().clients_rebuilt > 0, "the client that hung is replaced")
        await faulty.send(bodies(80, 80))
        batches = await take(intake, 80)
        said = proxy.said_to_the_deaf
        for batch in batches:
            intake.acknowledge(batch.tokens)
        await eventually(lambda: intake.stats().in_flight == 0, "nothing is in hand")
        assert proxy.said_to_the_deaf == said
        assert await faulty.depth() == 0


async def test_deletes_that_hang_are_taken_after_the_server_is_back_and_nothing_is_delivered_anew(
    faulty: Bench,
) -> None:
    await faulty.send(bodies(30))
    async with proxied(faulty) as (proxy, intake):
        batches = await take(intake, 30)
        proxy.deafen(new_ones_too=True)
        for batch in batches:
            intake.acknowledge(batch.tokens)
        await eventually(
            lambda: intake.stats().delete_failures > 0, "deletes were given up at their deadline"
        )
        assert intake.stats().in_flight == 30, "what SQS has not taken is still in hand"
        proxy.heal()
        await eventually(lambda: intake.stats().in_flight == 0, "the deletes got through")
        assert await faulty.depth() == 0
        assert intake.stats().received == 30


async def test_polls_that_hang_come_back_by_themselves_and_lose_nothing(faulty: Bench) -> None:
    async with proxied(faulty) as (proxy, intake):
        proxy.deafen(new_ones_too=True)
        await eventually(lambda: intake.stats().errors.get("deadline", 0) >= 3, "polls hang, again and again")
        await faulty.send(bodies(25))
        proxy.heal()
        got = [body for batch in await take(intake, 25) for body in batch.bodies]
        assert sorted(got) == sorted(map(str.encode, bodies(25)))


async def test_a_dead_letter_that_hangs_is_told_within_its_deadline_and_stays_in_hand(faulty: Bench) -> None:
    await faulty.send(bodies(1))
    async with proxied(faulty) as (proxy, intake):
        batch = await batch_of(intake)
        proxy.deafen(new_ones_too=True)
        letter = DeadLetter(token=batch.tokens[0], body=batch.bodies[0], klass="malformed", reason="r")
        async with asyncio.timeout(20):
            assert await intake.dead_letter([letter]) == batch.tokens
        assert intake.stats().in_flight == 1
        proxy.heal()
        assert await intake.dead_letter([letter]) == []


async def test_a_server_that_never_answers_is_named_at_the_start(faulty: Bench) -> None:
    async with deaf_proxy(faulty.server.endpoint_url) as proxy:
        proxy.deafen(new_ones_too=True)
        async with asyncio.timeout(20):
            with pytest.raises(QueueUnavailable, match=r"no answer .*deadline|no answer within 1\.5 s"):
                await faulty.open(endpoint_url=proxy.endpoint_url, **QUICK)
    faulty.opened.clear()
