"""A throw-away system: servers of its own, never those that the settings name, with queues and schema."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import asyncpg

from payflow.embedded.failure import EmbeddedFailed
from payflow.intake import queues
from payflow.ledger.migrations import upgrade

if TYPE_CHECKING:
    from payflow.settings import Settings

CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
"""The local SQS server looks at none, but clients insist on some."""

_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class Prepared:
    """What a system has once it is ready for a worker."""

    queue_url: str
    dead_letter_queue_url: str
    postgres_version: str


def on_servers_of_its_own(settings: Settings) -> Settings:
    """Take the backends out of the settings: a benchmark or a drill never touches books that matter."""
    return dataclasses.replace(
        settings,
        queue=dataclasses.replace(settings.queue, url=None, endpoint_url=None),
        postgres=dataclasses.replace(settings.postgres, dsn=None),
        redis=dataclasses.replace(settings.redis, url=None),
        embedded=dataclasses.replace(settings.embedded, sqs_port=0),
    )


async def prepare(settings: Settings) -> Prepared:
    """Make queues and schema on servers that run, and insist on durable commits.

    Raises:
        EmbeddedFailed: when the database doesn't commit durably.

    """
    queue, postgres = settings.queue, settings.postgres
    async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
        urls = await queues.ensure_queue(
            sqs,
            queue.name,
            queue.dead_letter_name,
            visibility_timeout_s=queue.visibility_timeout_s,
            wait_time_s=queue.wait_time_s,
            receives_max=queue.receives_max,
        )
    await asyncio.to_thread(upgrade, postgres.required_dsn)
    connection = await asyncpg.connect(postgres.required_dsn, timeout=postgres.connect_timeout_s)
    try:
        for name in _DURABLE:
            value = await connection.fetchval(f"SHOW {name}")
            if value != "on":
                raise EmbeddedFailed(
                    f"{name} is {value}: without durable commits neither figures nor drills mean anything",
                    "take the setting out of the server's configuration",
                )
        version = await connection.fetchval("SHOW server_version")
    finally:
        await connection.close()
    return Prepared(urls.queue_url, urls.dead_letter_queue_url, str(version))
