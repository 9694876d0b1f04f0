"""Both intakes on both servers: every test runs four times, unless it needs the local server's faults."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, Any, Literal

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.conformance.intake.harness import KEY, Bench, Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="session")
def local_server() -> Iterator[Server]:
    program = "from payflow import _native; _native.serve_localsqs(port=0)"
    with subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ready, endpoint_url = process.stdout.readline().split()
        assert ready == "ready"
        yield Server("local", endpoint_url, _client(endpoint_url))
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def moto_server() -> Iterator[Server]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint_url = f"http://{host}:{port}"
    yield Server("moto", endpoint_url, _client(endpoint_url))
    server.stop()


@pytest.fixture(params=["local", "moto"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(f"{request.param}_server")
    return found


@pytest.fixture(params=["native", "aioboto3"])
async def bench(request: pytest.FixtureRequest, server: Server) -> AsyncIterator[Bench]:
    async for made in _bench(server, request.param):
        yield made


@pytest.fixture(params=["native", "aioboto3"])
async def faulty(request: pytest.FixtureRequest, local_server: Server) -> AsyncIterator[Bench]:
    """A bench on the local server, whose faults are switched off again afterwards."""
    async for made in _bench(local_server, request.param):
        yield made


async def _bench(server: Server, transport: Literal["native", "aioboto3"]) -> AsyncIterator[Bench]:
    name = uuid.uuid4().hex
    dead = await asyncio.to_thread(server.sqs.create_queue, QueueName=f"{name}-dead")
    queue = await asyncio.to_thread(server.sqs.create_queue, QueueName=name)
    bench = Bench(server, transport, queue["QueueUrl"], dead["QueueUrl"])
    yield bench
    if server.kind == "local":
        server.set_faults()
    for intake in bench.opened:
        await intake.stop(2.0)
    for queue_url in (bench.queue_url, bench.dead_letter_queue_url):
        await asyncio.to_thread(server.sqs.delete_queue, QueueUrl=queue_url)


def _client(endpoint_url: str) -> Any:
    return boto3.client(
        "sqs",
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=KEY.access_key_id,
        aws_secret_access_key=KEY.secret_access_key,
    )
