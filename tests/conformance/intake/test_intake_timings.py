"""How long acknowledging takes, and what was left at an extension: counted by both intakes alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.telemetry.buckets import LAG_BOUNDS_S, MARGIN_BOUNDS_S

from tests.conformance.intake.harness import batch_of, eventually, take

if TYPE_CHECKING:
    from payflow.intake import Intake

    from tests.conformance.intake.harness import Bench


def bodies(count: int) -> list[str]:
    return [f'{{"payment_id":"pay_{number % 7}","number":{number}}}' for number in range(count)]


def acknowledged(intake: Intake) -> tuple[int, int]:
    """Count what was acknowledged, first deliveries apart."""
    lags = intake.timings().acknowledge
    return lags["first"].counts[-1], lags["again"].counts[-1]


async def test_every_delete_that_sqs_took_is_timed_and_first_deliveries_apart(bench: Bench) -> None:
    await bench.send(bodies(20))
    intake = await bench.open()
    assert acknowledged(intake) == (0, 0)
    batches = await take(intake, 20)
    tokens = [token for batch in batches for token in batch.tokens]
    intake.acknowledge(tokens[:15])
    intake.retry(tokens[15:], [0] * 5)
    for batch in await take(intake, 5):
        intake.acknowledge(batch.tokens)
    await eventually(lambda: intake.stats().in_flight == 0, "nothing is in hand")
    assert acknowledged(intake) == (15, 5)
    first = intake.timings().acknowledge["first"]
    assert first.bounds == LAG_BOUNDS_S
    assert list(first.counts) == sorted(first.counts)
    assert first.sum > 0


async def test_a_delete_that_is_tried_again_counts_once_with_all_of_its_time(faulty: Bench) -> None:
    await faulty.send(bodies(30))
    intake = await faulty.open()
    batches = await take(intake, 30)
    faulty.server.set_faults(actions={"DeleteMessageBatch": {"partial_batch_failure": 0.5}})
    for batch in batches:
        intake.acknowledge(batch.tokens)
    await eventually(lambda: intake.stats().in_flight == 0, "nothing is in hand")
    assert acknowledged(intake) == (30, 0)


async def test_what_goes_back_is_not_acknowledged(bench: Bench) -> None:
    await bench.send(bodies(3))
    intake = await bench.open()
    for batch in await take(intake, 3):
        intake.retry(batch.tokens, [30] * len(batch))
    await eventually(lambda: intake.stats().retried == 3, "SQS took the delays")
    assert acknowledged(intake) == (0, 0)


async def test_the_margin_of_each_extension_is_counted(bench: Bench) -> None:
    await bench.send(bodies(1))
    intake = await bench.open(visibility_timeout_s=2)
    batch = await batch_of(intake)
    await eventually(lambda: intake.stats().extended >= 2, "it was extended")
    margins = intake.timings().extension_margin
    assert margins.bounds == MARGIN_BOUNDS_S
    assert margins.counts[-1] >= 2
    assert margins.counts[margins.bounds.index(2.5)] == margins.counts[-1], "none was more than the timeout"
    intake.acknowledge(batch.tokens)
