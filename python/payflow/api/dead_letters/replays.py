"""Replays in the background: begun by a call, run by any process, taken over when that one dies."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from payflow import redrive
from payflow.api.dead_letters.shapes import Replay
from payflow.cancellation import cancel_surely
from payflow.errors import PayFlowError
from payflow.intake import queues
from payflow.ledger.quarantine import LetterFilter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from asyncpg import Record

    from payflow.api.routing import Call
    from payflow.api.services import Services
    from payflow.ledger.pool import Connection

__all__ = ["begin", "books_of", "replay_of", "run_replays"]

SILENT_AFTER: Final = timedelta(seconds=30)
"""A process that has said nothing for so long is taken for dead."""
LOOK_INTERVAL_S: Final = 1.0
FAILURES_KEPT: Final = 100
READ_TIMEOUT_S: Final = 10.0

_SQL = files("payflow.api.dead_letters") / "sql"
_BEGIN = (_SQL / "begin.sql").read_text()
_TAKE = (_SQL / "take.sql").read_text()
_ADVANCE = (_SQL / "advance.sql").read_text()
_FINISH = (_SQL / "finish.sql").read_text()

log = structlog.get_logger(__name__)


class Stopped(Exception):  # noqa: N818 - it is what an operator asked for
    """The replay was told to stop."""


async def begin(call: Call, connection: Connection, chosen: LetterFilter) -> Replay:
    """Write down what is to be replayed; whichever process looks next runs it."""
    body = call.body
    row = await connection.fetchrow(
        _BEGIN,
        call.principal.actor,
        call.services.clock(),
        call.correlation_id,
        body.note,
        msgspec.json.encode(chosen).decode(),
        body.rate_per_s,
        body.limit,
    )
    return replay_of(row)


def replay_of(row: Mapping[str, Any]) -> Replay:
    """Give a replay as it is told."""
    return Replay(
        replay_id=str(row["replay_id"]),
        state=row["state"],
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        finished_at=row["finished_at"],
        note=row["note"],
        rate_per_s=row["rate_per_s"],
        limit=row["letters_max"],
        sent=row["sent"],
        failed=row["failed"],
        failures=msgspec.json.decode(row["failures"], type=dict[str, str]),
        error=row["error"],
    )


def books_of(services: Services) -> redrive.Books:
    """Give the books as replaying needs them."""
    books = services.books
    return redrive.Books(
        services.database.connection, books.machinery.policies, books.decoder.decode, services.clock
    )


async def run_replays(services: Services) -> None:
    """Run replays for ever, one at a time in each process."""
    while True:
        row = await _taken(services)
        if row is None:
            await asyncio.sleep(LOOK_INTERVAL_S)
            continue
        try:
            state, error = await _run(services, row), None
        except PayFlowError as failure:
            state, error = "failed", str(failure)
            log.warning("replay_failed", replay=row["replay_id"], reason=error)
        except Exception:
            state, error = "failed", "a fault in PayFlow; the log has it"
            log.exception("replay_failed", replay=row["replay_id"])
        async with services.database.connection() as connection:
            await connection.execute(_FINISH, row["replay_id"], services.clock(), state, error)


async def _taken(services: Services) -> Record | None:
    now = services.clock()
    async with services.database.connection() as connection:
        row: Record | None = await connection.fetchrow(_TAKE, now, now - SILENT_AFTER)
    return row


async def _run(services: Services, row: Record) -> str:
    """Run one replay; give the state that it ends in."""
    progress = _Progress(services, row["replay_id"])
    chosen = msgspec.json.decode(row["chosen"], type=LetterFilter)
    reporting = asyncio.create_task(progress.keep_saying(), name="replay-progress")
    try:
        async with _queue(services) as queue:
            await redrive.replay_all(
                books_of(services),
                queue,
                chosen,
                row["letters_max"],
                redrive.Pace(row["rate_per_s"]),
                letters_a_call=row["rate_per_s"],
                actor=row["requested_by"],
                note=row["note"],
                advance=progress.told,
            )
    except Stopped:
        return "stopped"
    finally:
        await cancel_surely([reporting])
        await progress.say()
    return "done"


class _Progress:
    """Writes how far a replay is once a second, and hears whether it is to stop."""

    def __init__(self, services: Services, replay_id: int) -> None:
        self._services = services
        self._replay_id = replay_id
        self._replayed = redrive.Replayed()
        self._stopping = False

    def told(self, replayed: redrive.Replayed) -> None:
        """Take what the replay says after each call to SQS.

        Raises:
            Stopped: somebody wants it to end.

        """
        self._replayed = replayed
        if self._stopping:
            raise Stopped

    async def keep_saying(self) -> None:
        """Say it for ever."""
        while True:
            await self.say()
            await asyncio.sleep(LOOK_INTERVAL_S)

    async def say(self) -> None:
        """Say it once."""
        replayed = self._replayed
        first = dict(list(replayed.failed.items())[:FAILURES_KEPT])
        failures = msgspec.json.encode({str(name): reason for name, reason in first.items()}).decode()
        async with self._services.database.connection() as connection:
            state = await connection.fetchval(
                _ADVANCE,
                self._replay_id,
                self._services.clock(),
                replayed.sent,
                len(replayed.failed),
                failures,
            )
        self._stopping = state == "stopping"


@asynccontextmanager
async def _queue(services: Services) -> AsyncIterator[tuple[Any, str]]:
    queue = services.settings.queue
    async with queues.client(
        endpoint_url=queue.endpoint_url, region=queue.region, read_timeout_s=READ_TIMEOUT_S
    ) as sqs:
        yield sqs, queue.url or await queues.queue_url(sqs, queue.name)
