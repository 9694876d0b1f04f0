"""Hidden messages, and long polls that wait for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Code = Callable[..., str | None]


def take(sqs: Any, queue: str, **arguments: Any) -> dict[str, Any] | None:
    messages = sqs.receive_message(QueueUrl=queue, MessageSystemAttributeNames=["All"], **arguments)
    message: dict[str, Any] | None = next(iter(messages.get("Messages", [])), None)
    return message


def test_a_message_comes_back_after_its_visibility_timeout(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    first = take(sqs, queue, VisibilityTimeout=2)
    assert take(sqs, queue) is None
    second = take(sqs, queue, WaitTimeSeconds=10)
    assert first is not None
    assert second is not None
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"
    assert second["ReceiptHandle"] != first["ReceiptHandle"]


def test_visibility_zero_gives_the_message_back(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    message = take(sqs, queue)
    assert message is not None
    handle = message["ReceiptHandle"]
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0)
    assert take(sqs, queue, WaitTimeSeconds=2) is not None


def test_an_extension_holds_past_the_first_timeout(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    message = take(sqs, queue, VisibilityTimeout=2)
    assert message is not None
    entries = [{"Id": "a", "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 60}]
    reply = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=entries)
    assert [entry["Id"] for entry in reply["Successful"]] == ["a"]
    assert take(sqs, queue, WaitTimeSeconds=3) is None


def test_the_visibility_of_a_visible_message_can_not_be_changed(sqs: Any, queue: str, code: Code) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    message = take(sqs, queue, VisibilityTimeout=0)
    assert message is not None
    handle = message["ReceiptHandle"]
    refused = code(sqs.change_message_visibility, QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=5)
    assert refused == "AWS.SimpleQueueService.MessageNotInflight"


def test_the_visibility_of_a_deleted_message_can_not_be_changed(sqs: Any, queue: str, code: Code) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    message = take(sqs, queue)
    assert message is not None
    handle = message["ReceiptHandle"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=handle)
    refused = code(sqs.change_message_visibility, QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=5)
    assert refused == "InvalidParameterValue"


def test_a_visibility_timeout_has_at_most_twelve_hours(sqs: Any, queue: str, code: Code) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    message = take(sqs, queue)
    assert message is not None
    handle = message["ReceiptHandle"]
    codes = [
        code(sqs.change_message_visibility, QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=seconds)
        for seconds in (43_201, 43_200)
    ]
    assert codes == ["InvalidParameterValue", None]


def test_an_old_handle_deletes_nothing_and_says_it_did(sqs: Any, queue: str, code: Code) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    old = take(sqs, queue, VisibilityTimeout=0)
    current = take(sqs, queue, VisibilityTimeout=1, WaitTimeSeconds=2)
    assert old is not None
    assert current is not None
    assert code(sqs.delete_message, QueueUrl=queue, ReceiptHandle=old["ReceiptHandle"]) is None
    assert take(sqs, queue, WaitTimeSeconds=3) is not None


def test_a_long_poll_ends_when_a_message_is_sent(sqs: Any, queue: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        polling = pool.submit(take, sqs, queue, WaitTimeSeconds=20)
        sqs.send_message(QueueUrl=queue, MessageBody="x")
        message = polling.result(timeout=10)
    assert message is not None
    assert message["Body"] == "x"
