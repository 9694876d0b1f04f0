"""What goes back: deletes, retries, extensions, dead letters, and what the end does to the rest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from payflow.errors import QueueMissing
from payflow.intake import DeadLetter

from tests.conformance.intake.harness import batch_of, eventually, take

if TYPE_CHECKING:
    from payflow.intake import Batch, Intake

    from tests.conformance.intake.harness import Bench


def bodies(count: int) -> list[str]:
    return [f'{{"payment_id":"pay_{number % 7}","number":{number}}}' for number in range(count)]


def acknowledge(intake: Intake, batches: list[Batch]) -> None:
    for batch in batches:
        intake.acknowledge(batch.tokens)


async def test_what_is_acknowledged_is_deleted_and_nothing_comes_twice(bench: Bench) -> None:
    await bench.send(bodies(45))
    intake = await bench.open()
    batches = await take(intake, 45)
    acknowledge(intake, batches)
    await eventually(lambda: intake.stats().in_flight == 0, "nothing is in hand")
    assert await bench.depth() == 0
    assert sorted(body for batch in batches for body in batch.bodies) == sorted(map(str.encode, bodies(45)))
    stats = intake.stats()
    assert (stats.received, stats.deleted, stats.delete_failures, stats.errors) == (45, 45, 0, {})


async def test_what_is_not_acknowledged_comes_again_with_a_higher_count(bench: Bench) -> None:
    await bench.send(bodies(1))
    first = await bench.open(visibility_timeout_s=2, extension_total_max_s=2)
    assert (await batch_of(first)).receive_counts == [1]
    second = await batch_of(first)
    assert second.receive_counts == [2]
    first.acknowledge(second.tokens)
    await eventually(lambda: first.stats().deleted == 1, "the second delivery was deleted")


async def test_a_retry_comes_again_not_before_its_delay(bench: Bench) -> None:
    await bench.send(bodies(1))
    intake = await bench.open(wait_time_s=1)
    batch = await batch_of(intake)
    intake.retry(batch.tokens, [2])
    await eventually(lambda: intake.stats().retried == 1, "SQS took the delay")
    assert intake.stats().in_flight == 0
    assert await bench.receive() == [], "it is not visible yet"
    again = await batch_of(intake)
    assert (again.message_ids, again.receive_counts) == (batch.message_ids, [2])


async def test_a_retry_without_delay_comes_again_at_once(bench: Bench) -> None:
    await bench.send(bodies(12))
    intake = await bench.open()
    for batch in await take(intake, 12):
        intake.retry(batch.tokens, [0] * len(batch))
    assert {count for batch in await take(intake, 12) for count in batch.receive_counts} == {2}


async def test_what_is_in_hand_stays_invisible_beyond_its_timeout(bench: Bench) -> None:
    await bench.send(bodies(12))
    intake = await bench.open(visibility_timeout_s=2)
    batches = await take(intake, 12)
    await eventually(lambda: intake.stats().extended >= 36, "each was extended three times, past the timeout")
    assert await bench.receive() == [], "nobody else gets them"
    acknowledge(intake, batches)
    await eventually(lambda: intake.stats().in_flight == 0, "nothing is in hand")
    assert await bench.depth() == 0
    stats = intake.stats()
    assert stats.received == 12
    assert stats.extension_margin_min_ms is not None
    assert 0 < stats.extension_margin_min_ms <= 2_000


async def test_what_is_in_a_lane_is_extended_too(bench: Bench) -> None:
    await bench.send(bodies(10))
    intake = await bench.open(visibility_timeout_s=2)
    await eventually(lambda: intake.stats().extended >= 30, "the waiting ones were extended")
    assert await bench.receive() == []
    assert {count for batch in await take(intake, 10) for count in batch.receive_counts} == {1}


async def test_stop_releases_what_nobody_took(bench: Bench) -> None:
    await bench.send(bodies(10))
    intake = await bench.open()
    await eventually(lambda: intake.stats().buffered == 10, "all wait in the lane")
    report = await intake.stop(5.0)
    assert (report.clean, report.released, report.abandoned) == (True, 10, 0)
    assert len(await bench.receive()) == 10, "others get them at once"
    assert await intake.batch(0) is None
    assert await intake.stop(5.0) == report


async def test_stop_takes_decisions_on_what_lanes_still_hold(bench: Bench) -> None:
    await bench.send(bodies(3))
    intake = await bench.open()
    batches = await take(intake, 3)
    stopping = asyncio.create_task(intake.stop(10.0))
    assert await intake.batch(0) is None
    acknowledge(intake, batches)
    assert (await stopping).clean
    assert await bench.depth() == 0


async def test_stop_is_bounded_and_releases_what_was_never_decided(bench: Bench) -> None:
    await bench.send(bodies(3))
    intake = await bench.open()
    await take(intake, 3)
    report = await intake.stop(1.5)
    assert (report.clean, report.released, report.abandoned) == (True, 3, 0)
    assert len(await bench.receive()) == 3


async def test_a_parked_poll_does_not_hold_up_the_end(bench: Bench) -> None:
    intake = await bench.open(wait_time_s=20)
    await eventually(lambda: intake.stats().polls_active > 0, "a poll is parked")
    async with asyncio.timeout(10):
        assert (await intake.stop(5.0)).clean


async def test_a_dead_letter_is_sent_with_its_reason_and_its_original_deleted(bench: Bench) -> None:
    await bench.send(["no event at all"])
    intake = await bench.open()
    batch = await batch_of(intake)
    letter = DeadLetter(
        token=batch.tokens[0],
        body=batch.bodies[0],
        klass="malformed",
        reason="body: must be JSON\x00",
        path="$",
        message_id=batch.message_ids[0],
    )
    assert await intake.dead_letter([letter]) == []
    await eventually(lambda: intake.stats().in_flight == 0, "the original is deleted")
    assert await bench.depth() == 0
    [dead] = await bench.receive(bench.dead_letter_queue_url)
    assert dead["Body"] == "no event at all"
    assert {name: value["StringValue"] for name, value in dead["MessageAttributes"].items()} == {
        "payflow_class": "malformed",
        "payflow_reason": "body: must be JSON�",
        "payflow_path": "$",
        "payflow_message_id": batch.message_ids[0],
    }


async def test_many_dead_letters_go_at_once_and_none_is_lost(bench: Bench) -> None:
    await bench.send(bodies(23))
    intake = await bench.open()
    letters = [
        DeadLetter(token=token, body=body, klass="conflict", reason="two facts under one name")
        for batch in await take(intake, 23)
        for token, body in zip(batch.tokens, batch.bodies, strict=True)
    ]
    assert await intake.dead_letter(letters) == []
    assert await bench.depth(bench.dead_letter_queue_url) == 23
    await eventually(lambda: intake.stats().in_flight == 0, "the originals are deleted")
    assert intake.stats().dead_lettered == 23


@pytest.mark.parametrize("missing", [True, False])
async def test_a_dead_letter_that_cannot_be_sent_stays_in_hand(bench: Bench, missing: bool) -> None:
    await bench.send(bodies(1))
    nowhere = None if missing else f"{bench.dead_letter_queue_url}-nowhere"
    intake = await bench.open(dead_letter_queue_url=nowhere)
    batch = await batch_of(intake)
    letter = DeadLetter(token=batch.tokens[0], body=batch.bodies[0], klass="malformed", reason="r")
    assert await intake.dead_letter([letter]) == batch.tokens
    assert intake.stats().in_flight == 1
    intake.retry(batch.tokens, [0])
    assert (await batch_of(intake)).receive_counts == [2]


async def test_decisions_on_unknown_tokens_are_ignored(bench: Bench) -> None:
    await bench.send(bodies(1))
    intake = await bench.open()
    batch = await batch_of(intake)
    intake.acknowledge([999_999])
    intake.retry([999_999], [0])
    intake.acknowledge(batch.tokens)
    intake.retry(batch.tokens, [0])
    await eventually(lambda: intake.stats().deleted == 1, "the first decision stands")
    assert await bench.depth() == 0


async def test_a_queue_that_is_not_there_is_named_at_the_start(bench: Bench) -> None:
    with pytest.raises(QueueMissing, match="nowhere"):
        await bench.open(queue_url=f"{bench.queue_url}-nowhere")
    bench.opened.clear()
