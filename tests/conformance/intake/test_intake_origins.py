"""A message that waited in the database comes under a new id, and is who it was before."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from payflow.intake.contract import Carried
from payflow.intake.origin import ORIGIN_ATTRIBUTE, Origin

from tests.conformance.intake.harness import batch_of, eventually

if TYPE_CHECKING:
    from tests.conformance.intake.harness import Bench

ORIGIN = Origin(message_id="first-id", sent_at_ms=1_700_000_000_000, receives=7, attempts=6)


async def send(bench: Bench, body: str, **attributes: Any) -> str:
    sent = await asyncio.to_thread(
        lambda: bench.server.sqs.send_message(
            QueueUrl=bench.queue_url, MessageBody=body, MessageAttributes=attributes
        )
    )
    return str(sent["MessageId"])


async def test_it_has_its_first_id_and_time_and_all_its_deliveries_and_attempts(bench: Bench) -> None:
    await send(bench, '{"payment_id":"p"}', **{ORIGIN_ATTRIBUTE: ORIGIN.attribute()})
    batch = await batch_of(await bench.open())
    assert (batch.message_ids, batch.sent_at_ms) == (["first-id"], [ORIGIN.sent_at_ms])
    assert batch.receive_counts == [8]
    assert batch.carried == {0: Carried(attempts=6, receives=7)}


async def test_its_neighbours_carry_nothing(bench: Bench) -> None:
    intake = await bench.open(batch_age_max_ms=1_000)
    plain = await send(bench, '{"payment_id":"p"}')
    await send(bench, '{"payment_id":"p"}', **{ORIGIN_ATTRIBUTE: ORIGIN.attribute()})
    await eventually(lambda: intake.stats().buffered == 2, "both wait in the lane")
    batch = await batch_of(intake)
    carrying = batch.message_ids.index("first-id")
    assert sorted(batch.message_ids) == sorted([plain, "first-id"])
    assert batch.carried == {carrying: Carried(6, 7)}
    assert sorted(batch.receive_counts) == [1, 8]


@pytest.mark.parametrize(
    "value",
    [
        {"DataType": "String", "StringValue": "no json"},
        {"DataType": "String", "StringValue": '{"message_id":"m"}'},
        {
            "DataType": "String",
            "StringValue": '{"message_id":"a b","sent_at_ms":1,"receives":1,"attempts":1}',
        },
        {
            "DataType": "String",
            "StringValue": '{"message_id":"m","sent_at_ms":1,"receives":-1,"attempts":1}',
        },
        {
            "DataType": "String",
            "StringValue": '{"message_id":"m","sent_at_ms":1,"receives":1,"attempts":4294967296}',
        },
        {"DataType": "Binary", "BinaryValue": b"{}"},
    ],
)
async def test_an_attribute_that_payflow_did_not_write_counts_for_nothing(
    bench: Bench, value: dict[str, Any]
) -> None:
    message_id = await send(bench, '{"payment_id":"p"}', **{ORIGIN_ATTRIBUTE: value})
    batch = await batch_of(await bench.open())
    assert (batch.message_ids, batch.receive_counts, batch.carried) == ([message_id], [1], {})
