"""What SQS does to its users now and then: the local server's fault switches against both intakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conformance.intake.harness import batch_of, eventually, take

if TYPE_CHECKING:
    from tests.conformance.intake.harness import Bench


def bodies(count: int) -> list[str]:
    return [f'{{"payment_id":"pay_{number % 7}","number":{number}}}' for number in range(count)]


async def test_entries_that_a_batch_delete_refuses_are_deleted_singly(faulty: Bench) -> None:
    await faulty.send(bodies(100))
    intake = await faulty.open()
    batches = await take(intake, 100)
    faulty.server.set_faults(actions={"DeleteMessageBatch": {"partial_batch_failure": 0.5}})
    for batch in batches:
        intake.acknowledge(batch.tokens)
    await eventually(lambda: intake.stats().in_flight == 0, "nothing is in hand")
    assert await faulty.depth() == 0
    stats = intake.stats()
    assert stats.deleted == 100
    assert stats.delete_failures > 0


async def test_deletes_without_an_answer_are_tried_again(faulty: Bench) -> None:
    await faulty.send(bodies(50))
    intake = await faulty.open()
    batches = await take(intake, 50)
    faulty.server.set_faults(actions={"DeleteMessageBatch": {"lost_reply": 0.5}})
    for batch in batches:
        intake.acknowledge(batch.tokens)
    await eventually(lambda: intake.stats().in_flight == 0, "nothing is in hand")
    assert await faulty.depth() == 0


async def test_throttled_polls_slow_down_and_lose_nothing(faulty: Bench) -> None:
    await faulty.send(bodies(60))
    faulty.server.set_faults(actions={"ReceiveMessage": {"throttle": 0.5}})
    intake = await faulty.open(poll_backoff_max_s=0.2)
    for batch in await take(intake, 60):
        intake.acknowledge(batch.tokens)
    await eventually(lambda: intake.stats().in_flight == 0, "nothing is in hand")
    assert await faulty.depth() == 0


async def test_a_poll_that_hangs_is_dropped_at_its_deadline_and_polling_goes_on(faulty: Bench) -> None:
    faulty.server.set_faults(actions={"ReceiveMessage": {"added_latency_ms": 60_000}})
    intake = await faulty.open(wait_time_s=0, poll_slack_s=0.2, poll_backoff_max_s=0.1)
    await eventually(lambda: intake.stats().errors.get("deadline", 0) >= 2, "polls were given up")
    faulty.server.set_faults()
    await faulty.send(bodies(1))
    assert len(await batch_of(intake)) == 1


async def test_returns_that_a_batch_refuses_are_tried_again(faulty: Bench) -> None:
    await faulty.send(bodies(20))
    intake = await faulty.open()
    batches = await take(intake, 20)
    faulty.server.set_faults(actions={"ChangeMessageVisibilityBatch": {"partial_batch_failure": 0.5}})
    for batch in batches:
        intake.retry(batch.tokens, [0] * len(batch))
    await eventually(lambda: intake.stats().retried == 20, "each return was taken")
    assert {count for batch in await take(intake, 20) for count in batch.receive_counts} == {2}
