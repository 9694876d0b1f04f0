"""What only the local server has: fault switches, counters, and queues that outlive a clean stop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from tests.conformance.sqs.server import connect, payflow_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def url() -> Iterator[str]:
    with payflow_server() as url:
        yield url


@pytest.fixture
def client(url: str) -> Any:
    return connect(url)


@pytest.fixture
def queue(client: Any) -> str:
    return str(client.create_queue(QueueName="q")["QueueUrl"])


def call(url: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """GET `path`, or POST `body` to it."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{url}/_payflow/{path}", data=data), timeout=10) as reply:  # noqa: S310
        return cast("dict[str, Any]", json.load(reply))


def test_a_throttled_call_is_not_carried_out(client: Any, url: str, queue: str) -> None:
    call(url, "faults", {"actions": {"SendMessage": {"throttle": 1}}})
    with pytest.raises(client.exceptions.RequestThrottled):
        client.send_message(QueueUrl=queue, MessageBody="x")
    assert call(url, "stats")["messages_sent"] == 0


def test_a_call_with_a_lost_reply_is_carried_out(client: Any, url: str, queue: str) -> None:
    call(url, "faults", {"actions": {"SendMessage": {"lost_reply": 1}}})
    with pytest.raises(HTTPClientError):
        client.send_message(QueueUrl=queue, MessageBody="x")
    assert client.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "x"


def test_a_duplicated_message_comes_twice_with_one_id(client: Any, url: str, queue: str) -> None:
    call(url, "faults", {"duplicate": 1})
    client.send_message(QueueUrl=queue, MessageBody="x")
    ids = [client.receive_message(QueueUrl=queue)["Messages"][0]["MessageId"] for _ in range(2)]
    assert ids[0] == ids[1]
    assert "Messages" not in client.receive_message(QueueUrl=queue)


def test_entries_of_a_batch_fail_by_the_share_given(client: Any, url: str, queue: str) -> None:
    call(url, "faults", {"seed": 7, "partial_batch_failure": 0.5})
    entries = [{"Id": str(index), "MessageBody": "x"} for index in range(10)]
    reply = client.send_message_batch(QueueUrl=queue, Entries=entries)
    assert reply["Failed"]
    assert reply["Successful"]
    assert {(entry["Code"], entry["SenderFault"]) for entry in reply["Failed"]} == {
        ("InternalFailure", False)
    }


def test_switches_are_read_back_and_bad_ones_refused(url: str) -> None:
    call(url, "faults", {"seed": 3, "added_latency_ms": 2})
    shown = call(url, "faults")
    assert (shown["seed"], shown["added_latency_ms"], shown["duplicate"]) == (3, 2, 0)
    with pytest.raises(HTTPError) as refused:
        call(url, "faults", {"duplicate": 2})
    with refused.value as reply:
        assert "faults.duplicate" in json.load(reply)["error"]


def test_a_reset_leaves_nothing(client: Any, url: str, queue: str) -> None:
    client.send_message(QueueUrl=queue, MessageBody="x")
    call(url, "faults", {"throttle": 1})
    call(url, "reset", {})
    stats = call(url, "stats")
    assert (stats["queues"], stats["memory_bytes"], stats["calls"]) == (0, 0, {})
    assert call(url, "faults")["throttle"] == 0


def test_calls_and_messages_are_counted(client: Any, url: str, queue: str) -> None:
    client.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = client.receive_message(QueueUrl=queue)["Messages"]
    client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    stats = call(url, "stats")
    assert stats["calls"] == {"CreateQueue": 1, "DeleteMessage": 1, "ReceiveMessage": 1, "SendMessage": 1}
    names = ("messages_sent", "messages_received", "messages_deleted", "messages_stored")
    assert [stats[name] for name in names] == [1, 1, 1, 0]
    assert stats["process_cpu_s"] > 0


def test_a_fifo_queue_is_refused_with_the_reason(client: Any) -> None:
    with pytest.raises(ClientError, match="standard queues only") as refused:
        client.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})
    assert refused.value.response["Error"]["Code"] == "AWS.SimpleQueueService.UnsupportedOperation"


def test_queues_go_on_after_a_restart_where_they_stopped(tmp_path: Path) -> None:
    snapshot_path = tmp_path / "queues.jsonl"
    with payflow_server(snapshot_path) as url:
        client = connect(url)
        queue = client.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "7"})["QueueUrl"]
        for body in "ab":
            client.send_message(QueueUrl=queue, MessageBody=body)
        client.receive_message(QueueUrl=queue)
    with payflow_server(snapshot_path) as url:
        client = connect(url)
        queue = client.get_queue_url(QueueName="q")["QueueUrl"]
        messages = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        assert {message["Body"] for message in messages} == {"a", "b"}
        shown = client.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])
        assert shown["Attributes"] == {"VisibilityTimeout": "7"}
