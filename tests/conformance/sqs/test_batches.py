"""Rules for batches, the same for sending, deleting and hiding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Code = Callable[..., str | None]

PREFIX = "AWS.SimpleQueueService."
REST: dict[str, dict[str, Any]] = {
    "send_message_batch": {"MessageBody": "x"},
    "delete_message_batch": {"ReceiptHandle": "x"},
    "change_message_visibility_batch": {"ReceiptHandle": "x", "VisibilityTimeout": 1},
}


@pytest.mark.parametrize("call", REST)
@pytest.mark.parametrize(
    ("ids", "error"),
    [
        pytest.param([], "EmptyBatchRequest", id="none"),
        pytest.param([str(index) for index in range(11)], "TooManyEntriesInBatchRequest", id="eleven"),
        pytest.param(["a b"], "InvalidBatchEntryId", id="space"),
        pytest.param(["a" * 81], "InvalidBatchEntryId", id="long"),
        pytest.param(["a", "a"], "BatchEntryIdsNotDistinct", id="twice"),
    ],
)
def test_number_and_ids_of_entries_are_checked(
    sqs: Any, queue: str, code: Code, call: str, ids: list[str], error: str
) -> None:
    entries = [{"Id": entry_id, **REST[call]} for entry_id in ids]
    assert code(getattr(sqs, call), QueueUrl=queue, Entries=entries) == PREFIX + error


def test_a_batch_of_more_than_one_mebibyte_is_refused(sqs: Any, queue: str, code: Code) -> None:
    entries = [{"Id": entry_id, "MessageBody": "x" * 524_289} for entry_id in "ab"]
    assert code(sqs.send_message_batch, QueueUrl=queue, Entries=entries) == f"{PREFIX}BatchRequestTooLong"


def test_a_bad_entry_of_a_delete_fails_alone(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    entries = [
        {"Id": "good", "ReceiptHandle": message["ReceiptHandle"]},
        {"Id": "bad", "ReceiptHandle": "foreign"},
    ]
    reply = sqs.delete_message_batch(QueueUrl=queue, Entries=entries)
    assert [entry["Id"] for entry in reply["Successful"]] == ["good"]
    assert [(entry["Id"], entry["SenderFault"], entry["Code"]) for entry in reply["Failed"]] == [
        ("bad", True, "ReceiptHandleIsInvalid")
    ]


def test_a_whole_batch_is_deleted(sqs: Any, queue: str) -> None:
    entries = [{"Id": str(index), "MessageBody": str(index)} for index in range(10)]
    sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    entries = [{"Id": message["Body"], "ReceiptHandle": message["ReceiptHandle"]} for message in messages]
    reply = sqs.delete_message_batch(QueueUrl=queue, Entries=entries)
    assert {entry["Id"] for entry in reply["Successful"]} == {str(index) for index in range(10)}
    assert reply.get("Failed", []) == []
