"""A command goes all the way: API, outbox, queue, provider, queue, books."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import time
import uuid
from functools import partial
from typing import TYPE_CHECKING

import boto3
import orjson
import pytest
from payflow._native import NativeSender
from payflow.cli.demo_provider import Provider
from payflow.intake import queues
from payflow.workload import answers

from tests.integration.api.harness import open_api
from tests.integration.ledger.transactions import DEADLINE_S, open_desk
from tests.integration.transactions.counter import Counter
from tests.integration.worker.conftest import sqs_endpoint
from tests.scenarios.conftest import sqs_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from payflow.settings import Settings

__all__ = ["sqs_endpoint", "sqs_server"]


@pytest.fixture
def connected(settings: Settings, sqs_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with queues that are there."""
    monkeypatch.setattr("payflow.workload.answering.SILENT_SHARE", 0.0)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    name = uuid.uuid4().hex
    queue = dataclasses.replace(
        settings.queue, endpoint_url=sqs_endpoint, name=name, dead_letter_name=f"{name}-dead"
    )
    commands = dataclasses.replace(settings.commands, queue_name=f"{name}-commands")
    return dataclasses.replace(settings, queue=queue, commands=commands)


async def test_a_refund_is_carried_out_and_answered(connected: Settings) -> None:
    queue, name = connected.queue, connected.commands.queue_name or ""
    async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        events = await queues.ensure_queue(sqs, queue.name, queue.dead_letter_name)
        await queues.ensure_queue(sqs, name, queues.commands_dead_letter_name(name))
    stop = threading.Event()
    sender = NativeSender(queue.endpoint_url, queue.region, events.queue_url, 1)
    provider = Provider(connected, name, sender, partial(answers, seed=1), stop)
    provider.start()
    try:
        async with open_desk(connected.postgres.required_dsn) as desk, open_api(connected) as api:
            counter = Counter(desk, await api.client("operator"), api)
            await counter.captured("p1")
            asked = (await counter.ask("p1", "refund", 250)).json()["command"]
            receive = _receiver(queue.endpoint_url, events.queue_url)
            deadline_s = time.monotonic() + DEADLINE_S
            while time.monotonic() < deadline_s:
                facts = await asyncio.to_thread(receive)
                await desk.book(facts)
                [command] = (await counter.detail("p1"))["commands"]
                if command["state"] in {"succeeded", "failed"}:
                    break
            assert command["state"] in {"succeeded", "failed"}
            assert command["command_id"] == asked["command_id"]
            assert (await counter.detail("p1"))["sums"]["refund_pending_minor"] == 0
    finally:
        stop.set()
        provider.join(DEADLINE_S)


def _receiver(endpoint_url: str | None, url: str) -> Callable[[], list[Any]]:
    sqs = boto3.client("sqs", endpoint_url=endpoint_url, region_name="us-east-1")

    def receive() -> list[Any]:
        messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        return [orjson.loads(message["Body"]) for message in messages]

    return receive
