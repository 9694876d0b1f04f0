"""Sending, receiving and deleting messages."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Code = Callable[..., str | None]

BODY = json.dumps({"id": "evt_1", "note": 'line\n"quoted" \\ é 漢 😀'}, ensure_ascii=False)


def received(sqs: Any, queue: str, **arguments: Any) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = sqs.receive_message(QueueUrl=queue, **arguments).get("Messages", [])
    return messages


@pytest.mark.parametrize("body", [BODY, "x", " ", "\t\r\n", "<&>'\"/", "\x7f\x85", "😀" * 1000])
def test_a_body_comes_back_as_it_was_sent_with_its_digest(sqs: Any, queue: str, body: str) -> None:
    digest = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
    sent = sqs.send_message(QueueUrl=queue, MessageBody=body)
    (message,) = received(sqs, queue)
    assert (sent["MD5OfMessageBody"], message["MD5OfBody"]) == (digest, digest)
    assert (message["Body"], message["MessageId"]) == (body, sent["MessageId"])


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x1f", "\ufffe", "\uffff"])
def test_characters_that_xml_has_not_are_refused(sqs: Any, queue: str, code: Code, character: str) -> None:
    assert code(sqs.send_message, QueueUrl=queue, MessageBody=f"a{character}b") == "InvalidMessageContents"


def test_a_message_has_at_most_one_mebibyte(sqs: Any, queue: str, code: Code) -> None:
    assert code(sqs.send_message, QueueUrl=queue, MessageBody="x" * 1_048_576) is None
    assert code(sqs.send_message, QueueUrl=queue, MessageBody="x" * 1_048_577) == "InvalidParameterValue"


def test_attributes_count_towards_the_size(sqs: Any, queue: str, code: Code) -> None:
    attribute = {"a": {"DataType": "String", "StringValue": "x" * 100}}
    refused = code(sqs.send_message, QueueUrl=queue, MessageBody="x" * 1_048_500, MessageAttributes=attribute)
    assert refused == "InvalidParameterValue"


def test_messages_come_in_batches_of_at_most_ten(sqs: Any, queue: str) -> None:
    for start in (0, 10):
        entries = [{"Id": str(index), "MessageBody": str(start + index)} for index in range(10)]
        assert len(sqs.send_message_batch(QueueUrl=queue, Entries=entries)["Successful"]) == 10
    first = received(sqs, queue, MaxNumberOfMessages=10)
    second = received(sqs, queue, MaxNumberOfMessages=10)
    assert (len(first), len(second)) == (10, 10)
    assert {message["Body"] for message in first + second} == {str(index) for index in range(20)}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("MaxNumberOfMessages", 0),
        ("MaxNumberOfMessages", 11),
        ("WaitTimeSeconds", 21),
        ("WaitTimeSeconds", -1),
        ("VisibilityTimeout", 43_201),
    ],
)
def test_a_receive_out_of_range_is_refused(sqs: Any, queue: str, code: Code, field: str, value: int) -> None:
    assert code(sqs.receive_message, QueueUrl=queue, **{field: value}) == "InvalidParameterValue"


def test_system_attributes_are_given_if_asked_for(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = received(sqs, queue, MessageSystemAttributeNames=["All"], VisibilityTimeout=0)
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    times = [message["Attributes"][f"{name}Timestamp"] for name in ("Sent", "ApproximateFirstReceive")]
    assert int(times[0]) <= int(times[1])
    (message,) = received(
        sqs, queue, AttributeNames=["ApproximateReceiveCount"], VisibilityTimeout=0, WaitTimeSeconds=1
    )
    assert message["Attributes"] == {"ApproximateReceiveCount": "2"}
    (message,) = received(sqs, queue, WaitTimeSeconds=1)
    assert "Attributes" not in message


def test_message_attributes_are_given_if_asked_for(sqs: Any, queue: str) -> None:
    attributes = {
        "source.kind": {"DataType": "String", "StringValue": "card"},
        "source.count": {"DataType": "Number", "StringValue": "3"},
        "raw": {"DataType": "Binary.gz", "BinaryValue": b"\x00\x01\xff"},
    }
    sent = sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=attributes)
    ask = {"VisibilityTimeout": 0, "WaitTimeSeconds": 1}
    (message,) = received(sqs, queue, MessageAttributeNames=["All"], **ask)
    assert message["MessageAttributes"] == attributes
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    (message,) = received(sqs, queue, MessageAttributeNames=["raw"], **ask)
    assert set(message["MessageAttributes"]) == {"raw"}
    (message,) = received(sqs, queue, MessageAttributeNames=["source.*"], **ask)
    assert set(message["MessageAttributes"]) == {"source.kind", "source.count"}
    (message,) = received(sqs, queue, **ask)
    assert "MessageAttributes" not in message


def test_the_digest_of_attributes_is_the_documented_one(sqs: Any, queue: str) -> None:
    attribute = {"DataType": "String", "StringValue": "card"}
    sent = sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes={"kind": attribute})
    parts = [b"\0\0\0\4kind", b"\0\0\0\6String", b"\1", b"\0\0\0\4card"]
    expected = hashlib.md5(b"".join(parts), usedforsecurity=False).hexdigest()
    assert sent["MD5OfMessageAttributes"] == expected


@pytest.mark.parametrize(
    "attribute",
    [
        {"DataType": "Text", "StringValue": "card"},
        {"DataType": "String", "StringValue": ""},
        {"DataType": "Number", "StringValue": "many"},
    ],
    ids=["type", "empty", "number"],
)
def test_a_bad_message_attribute_is_refused(
    sqs: Any, queue: str, code: Code, attribute: dict[str, str]
) -> None:
    refused = code(sqs.send_message, QueueUrl=queue, MessageBody="x", MessageAttributes={"a": attribute})
    assert refused == "InvalidParameterValue"


def test_a_message_has_at_most_ten_attributes(sqs: Any, queue: str, code: Code) -> None:
    attributes = {f"a{index}": {"DataType": "String", "StringValue": "x"} for index in range(11)}
    refused = code(sqs.send_message, QueueUrl=queue, MessageBody="x", MessageAttributes=attributes)
    assert refused == "InvalidParameterValue"


def test_a_deleted_message_does_not_come_back(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = received(sqs, queue, VisibilityTimeout=1)
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert received(sqs, queue, WaitTimeSeconds=2) == []


def test_a_message_can_be_deleted_twice(sqs: Any, queue: str, code: Code) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = received(sqs, queue)
    handle = message["ReceiptHandle"]
    codes = [code(sqs.delete_message, QueueUrl=queue, ReceiptHandle=handle) for _ in range(2)]
    assert codes == [None, None]


def test_a_foreign_receipt_handle_is_refused(sqs: Any, queue: str, code: Code) -> None:
    assert code(sqs.delete_message, QueueUrl=queue, ReceiptHandle="foreign") == "ReceiptHandleIsInvalid"


def test_a_delayed_message_waits(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=2)
    assert received(sqs, queue) == []
    names = ["ApproximateNumberOfMessagesDelayed"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    assert attributes == {"ApproximateNumberOfMessagesDelayed": "1"}
    (message,) = received(sqs, queue, WaitTimeSeconds=10)
    assert message["Body"] == "late"


def test_a_delay_out_of_range_is_refused(sqs: Any, queue: str, code: Code) -> None:
    refused = code(sqs.send_message, QueueUrl=queue, MessageBody="x", DelaySeconds=901)
    assert refused == "InvalidParameterValue"
