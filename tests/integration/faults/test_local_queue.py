"""The administration of the local SQS server survives that the server closes its connection."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from payflow.embedded import DataDirectory, EmbeddedSqs
from payflow.faults import FaultsFailed, LocalQueue

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def queue() -> Iterator[LocalQueue]:
    """A server's administration."""
    with (
        tempfile.TemporaryDirectory(prefix="payflow-test-") as path,
        DataDirectory(Path(path) / "data") as directory,
    ):
        server = EmbeddedSqs(directory, port=0)
        server.start()
        queue = LocalQueue(server.endpoint)
        yield queue
        queue.close()
        server.stop()


def test_a_connection_that_was_closed_meanwhile_is_made_anew(queue: LocalQueue) -> None:
    assert queue.stats().received == 0
    # As the server does with a connection that nobody used for some minutes.
    queue._connection.sock.shutdown(socket.SHUT_RDWR)
    assert queue.stats().received == 0


def test_a_switch_that_makes_no_sense_is_refused_by_name(queue: LocalQueue) -> None:
    with pytest.raises(FaultsFailed, match=r"faults\.duplicate: 2 is not a share"):
        queue.turn(duplicate=2)
