"""Rigs: the queue's server once a session; a cache, a database and a queue for each test."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from payflow.embedded import DataDirectory, EmbeddedSqs, EmbeddedValkey
from payflow.embedded.process import Limits
from payflow.faults import Proxied, proxied_postgres, proxied_sqs

from tests.scenarios.rig import KEY, REGION, Rig

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def sqs_server() -> Iterator[EmbeddedSqs]:
    """The local SQS server; each test has a queue of its own in it."""
    with (
        tempfile.TemporaryDirectory(prefix="payflow-test-") as path,
        DataDirectory(Path(path) / "data") as directory,
    ):
        server = EmbeddedSqs(directory, port=0)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def valkey() -> Iterator[EmbeddedValkey]:
    """A cache of its own, since some tests do it harm."""
    with (
        tempfile.TemporaryDirectory(prefix="payflow-test-") as path,
        DataDirectory(Path(path) / "data") as directory,
    ):
        server = EmbeddedValkey(directory, memory_mib=64, limits=Limits(stop_timeout_s=2.0))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def postgres_network(rig: Rig) -> Iterator[Proxied]:
    """A network of its own before the rig's database, for the workers that are led through it."""
    with (
        tempfile.TemporaryDirectory(prefix="payflow-test-") as path,
        DataDirectory(Path(path) / "data") as directory,
    ):
        network = proxied_postgres(directory, rig.dsn)
        yield network
        network.stop()


@pytest.fixture
def queue_network(rig: Rig) -> Iterator[Proxied]:
    """A network of its own before the rig's queue, for the workers that are led through it."""
    with (
        tempfile.TemporaryDirectory(prefix="payflow-test-") as path,
        DataDirectory(Path(path) / "data") as directory,
    ):
        network = proxied_sqs(directory, rig.endpoint_url)
        yield network
        network.stop()


@pytest.fixture
def rig(database_dsn: str, valkey: EmbeddedValkey, sqs_server: EmbeddedSqs, tmp_path: Path) -> Iterator[Rig]:
    """A whole system without a worker; what is started on it ends with the test."""
    name = uuid.uuid4().hex
    sqs = boto3.client(
        "sqs",
        endpoint_url=sqs_server.endpoint,
        region_name=REGION,
        aws_access_key_id=KEY["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEY["AWS_SECRET_ACCESS_KEY"],
    )
    dead_letter_queue_url = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    queue_url = sqs.create_queue(QueueName=name)["QueueUrl"]
    rig = Rig(
        dsn=database_dsn,
        valkey=valkey,
        endpoint_url=sqs_server.endpoint,
        sqs=sqs,
        queue_name=name,
        queue_url=queue_url,
        dead_letter_queue_url=dead_letter_queue_url,
        logs=tmp_path,
    )
    yield rig
    for worker in rig.workers:
        worker.kill()
    rig.faults()
    for url in (queue_url, dead_letter_queue_url):
        sqs.delete_queue(QueueUrl=url)
    sqs.close()
