"""What is sent to the queue is heard on the stream: through a worker's process, the database and the API."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.integration.api.harness import api_settings, open_api
from tests.integration.api.listening import listening, serving, ticket_of
from tests.scenarios.rig import KEY, REGION

if TYPE_CHECKING:
    import pytest
    from payflow.settings import Settings

    from tests.scenarios.rig import Rig

LARGE = 5_000_000


def event(kind: str, payment_id: str, amount_minor: int) -> bytes:
    told = {
        "event_id": f"{kind}-{payment_id}",
        "source": "stripe",
        "type": kind,
        "payment_id": payment_id,
        "operation_id": f"op-{kind}-{payment_id}",
        "merchant_id": "m_1",
        "amount": {"value": amount_minor, "currency": "EUR", "exponent": 2},
        "occurred_at": datetime.now(UTC).isoformat(),
    }
    return json.dumps(told).encode()


def settings_of(rig: Rig) -> Settings:
    """Give the settings of an API that works on the rig."""
    settings = api_settings(rig.dsn, rig.valkey.endpoint)
    queue = dataclasses.replace(
        settings.queue,
        endpoint_url=rig.endpoint_url,
        region=REGION,
        name=rig.queue_name,
        dead_letter_name=f"{rig.queue_name}-dead",
    )
    return dataclasses.replace(settings, queue=queue)


async def test_an_event_that_is_sent_to_the_queue_is_heard_with_its_alert_and_its_figures(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEY.items():
        monkeypatch.setenv(name, value)
    worker = rig.worker()
    await asyncio.to_thread(rig.until_working, worker)
    async with open_api(settings_of(rig)) as api, serving(api) as server:
        reader = await api.client("read_only")
        async with listening(server, await ticket_of(reader)) as listener:
            await asyncio.to_thread(rig.send, [event("sale.succeeded", "pay_1", LARGE)])
            wanted: dict[str, dict[str, Any]] = {}
            while len(wanted) < 3:
                message = await listener.next()
                if message["type"] in {"payment.changed", "alert.created"}:
                    wanted[message["type"]] = message["data"]
                elif message["type"] == "metrics.tick" and message["data"]["applied_per_s"] > 0:
                    wanted["metrics.tick"] = message["data"]
            ticked = await listener.until(lambda told: told.get("data", {}).get("workers_alive") == 1)
    payment, alert = wanted["payment.changed"], wanted["alert.created"]
    assert (payment["payment_id"], payment["status"], payment["captured_minor"]) == (
        "pay_1",
        "captured",
        LARGE,
    )
    assert (alert["payment_id"], alert["title"]) == ("pay_1", "high_value")
    assert ticked["data"]["in_flight"] is not None
    await asyncio.to_thread(rig.drain, worker)
