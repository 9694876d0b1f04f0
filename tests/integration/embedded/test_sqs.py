"""The local SQS server runs as a process of its own and keeps its messages from one run to the next."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from payflow.embedded import EmbeddedFailed, EmbeddedSqs

if TYPE_CHECKING:
    from payflow.embedded import DataDirectory


def connect(sqs: EmbeddedSqs) -> Any:
    return boto3.client(
        "sqs",
        endpoint_url=sqs.endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - it takes any
    )


def test_messages_are_there_after_a_restart(directory: DataDirectory) -> None:
    sqs = EmbeddedSqs(directory, port=0)
    sqs.start()
    client = connect(sqs)
    url = client.create_queue(QueueName="q")["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody="kept")
    client.close()
    sqs.stop()
    assert not sqs.healthy()
    sqs.start()
    client = connect(sqs)
    url = client.get_queue_url(QueueName="q")["QueueUrl"]
    assert client.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "kept"
    client.close()
    sqs.stop()


def test_a_port_in_use_is_named_with_the_setting_that_changes_it(directory: DataDirectory) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(EmbeddedFailed) as caught:
            EmbeddedSqs(directory, port=port).start()
    assert f"port {port}" in caught.value.problem
    assert "PAYFLOW_EMBEDDED_SQS_PORT" in caught.value.next_step


def test_a_snapshot_that_cannot_be_read_is_reported(directory: DataDirectory) -> None:
    directory.queue_snapshot.write_bytes(b"not a snapshot")
    with pytest.raises(EmbeddedFailed, match="local SQS ended while starting"):
        EmbeddedSqs(directory, port=0).start()
