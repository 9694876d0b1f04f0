"""What comes out: batches by size and age, lanes in order, no more in hand than allowed."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.conformance.intake.harness import batch_of, eventually, take

if TYPE_CHECKING:
    from tests.conformance.intake.harness import Bench


def event(payment: int, number: int) -> str:
    return json.dumps({"event_id": f"evt_{number}", "payment_id": f"pay_{payment}", "number": number})


async def test_columns_carry_what_was_sent(bench: Bench) -> None:
    sent_after_ms = time.time_ns() // 1_000_000 - 1_000
    body = json.dumps({"payment_id": "pay_1", "note": 'Zoë "quoted" \\ \t \U0001f4b6'}, ensure_ascii=False)
    await bench.send([body])
    batch = await batch_of(await bench.open())
    assert (batch.lane, batch.bodies, batch.receive_counts) == (0, [body.encode()], [1])
    assert all(isinstance(column, list) and len(column) == 1 for column in (batch.tokens, batch.message_ids))
    assert batch.tokens[0] > 0
    assert sent_after_ms <= batch.sent_at_ms[0] <= batch.received_at_ms[0] + 1_000


async def test_a_batch_closes_at_its_size(bench: Bench) -> None:
    await bench.send([event(1, number) for number in range(20)])
    intake = await bench.open(batch_size_max=5, batch_age_max_ms=60_000)
    sizes = [len(await batch_of(intake)) for _ in range(4)]
    assert sizes == [5, 5, 5, 5]


async def test_a_batch_closes_at_its_age_when_it_is_not_full(bench: Bench) -> None:
    await bench.send([event(1, 0)])
    intake = await bench.open(batch_size_max=500, batch_age_max_ms=5)
    assert len(await batch_of(intake)) == 1


async def test_a_busy_lane_finds_a_bigger_batch(bench: Bench) -> None:
    await bench.send([event(1, 0)])
    intake = await bench.open(batch_age_max_ms=1)
    assert len(await batch_of(intake)) == 1
    await bench.send([event(1, number) for number in range(1, 31)])
    await eventually(lambda: intake.stats().buffered == 30, "all thirty wait in the lane")
    assert len(await batch_of(intake)) == 30


async def test_events_of_one_payment_share_a_lane_in_order_of_arrival(bench: Bench) -> None:
    await bench.send([event(number % 3, number) for number in range(30)])
    intake = await bench.open(lanes=4, polls_max=1, batch_size_max=3, batch_age_max_ms=1)
    lanes_of: dict[str, set[int]] = {}
    seen: list[int] = []

    async def drain(lane: int) -> None:
        while (batch := await intake.batch(lane)) is not None:
            for body in map(json.loads, batch.bodies):
                lanes_of.setdefault(body["payment_id"], set()).add(lane)
                seen.append(body["number"])
            intake.acknowledge(batch.tokens)

    async with asyncio.TaskGroup() as lanes:
        for lane in range(4):
            lanes.create_task(drain(lane))
        await eventually(lambda: len(seen) == 30, "all thirty came out")
        await intake.stop(5.0)
    assert [len(lanes) for lanes in lanes_of.values()] == [1, 1, 1]
    for payment in range(3):
        of_payment = [number for number in seen if number % 3 == payment]
        assert of_payment == sorted(of_payment)


async def test_receiving_stops_at_the_bound_on_what_is_in_hand(bench: Bench) -> None:
    await bench.send([event(1, number) for number in range(40)])
    intake = await bench.open(in_flight_max=20, batch_size_max=10, wait_time_s=0)
    batches = await take(intake, 20)
    assert intake.stats().in_flight == 20
    assert len(await bench.receive()) == 10, "the others are left to other consumers"
    assert intake.stats().received == 20
    intake.acknowledge([token for batch in batches for token in batch.tokens])
    await take(intake, 10)


async def test_pause_stops_receiving_and_resume_starts_it_again(bench: Bench) -> None:
    intake = await bench.open(wait_time_s=0)
    await eventually(lambda: intake.stats().receive_calls > 0, "it polls")
    intake.pause()
    await eventually(lambda: intake.stats().polls_active == 0, "no poll is under way")
    await bench.send([event(1, 0)])
    calls = intake.stats().receive_calls
    assert len(await bench.receive()) == 1, "others get it"
    assert intake.stats().receive_calls == calls
    await bench.send([event(1, 1)])
    intake.resume()
    assert json.loads((await batch_of(intake)).bodies[0])["number"] == 1


async def test_an_intake_that_starts_paused_receives_when_it_is_told_to(bench: Bench) -> None:
    await bench.send([event(1, 0)])
    intake = await bench.open(paused=True)
    assert intake.stats().polls_active == 0
    assert len(await bench.receive()) == 1, "others get it"
    assert intake.stats().receive_calls == 0
    await bench.send([event(1, 1)])
    intake.resume()
    assert json.loads((await batch_of(intake)).bodies[0])["number"] == 1


async def test_no_more_is_received_than_is_allowed(bench: Bench) -> None:
    await bench.send([event(1, number) for number in range(40)])
    intake = await bench.open(paused=True, wait_time_s=0)
    assert intake.stats().allowance is None
    intake.allow(0)
    intake.resume()
    intake.allow(13)
    await take(intake, 13)
    await eventually(lambda: intake.stats().polls_active == 0, "nothing is left to ask for")
    assert (intake.stats().received, intake.stats().allowance) == (13, 0)
    intake.allow(4)
    await take(intake, 4)
    intake.allow(None)
    await take(intake, 23)
    assert intake.stats().allowance is None


async def test_what_a_receive_did_not_bring_may_be_received_later(bench: Bench) -> None:
    intake = await bench.open(paused=True, wait_time_s=0, polls_max=1)
    intake.allow(10)
    intake.resume()
    await eventually(lambda: intake.stats().receive_calls >= 2, "polls of an empty queue cost nothing")
    await bench.send([event(1, number) for number in range(25)])
    await take(intake, 10)
    await eventually(lambda: intake.stats().polls_active == 0, "nothing is left to ask for")
    assert intake.stats().received == 10


async def test_the_size_of_batches_changes_while_it_runs(bench: Bench) -> None:
    await bench.send([event(1, number) for number in range(20)])
    intake = await bench.open(batch_size_max=5, batch_age_max_ms=60_000)
    assert len(await batch_of(intake)) == 5
    intake.set_batch_size_max(3)
    assert [len(await batch_of(intake)) for _ in range(5)] == [3] * 5
    await bench.send([event(1, number) for number in range(20, 32)])
    intake.set_batch_size_max(12)
    assert len(await batch_of(intake)) == 12
    with pytest.raises(ValueError, match="batch_size_max: must be 1 to 10000, is 0"):
        intake.set_batch_size_max(0)
