"""One transaction for each batch: lock, read, judge elsewhere, write, commit. Right at READ COMMITTED."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import asyncpg

from payflow import _native
from payflow.errors import StoreUnavailable
from payflow.ledger.dead_letters import insert_dead_letters
from payflow.ledger.deferral import defer_messages
from payflow.ledger.faults import as_store_errors, connection_is_lost
from payflow.ledger.schema import require_current

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from payflow.ledger.dead_letters import DeadLetterRow
    from payflow.ledger.deferral import DeferredRow
    from payflow.ledger.pool import Connection, Pool

_SQL = files("payflow.ledger") / "sql"
LOCK = (_SQL / "lock.sql").read_text()
READ = (_SQL / "read.sql").read_text()
WRITE = (_SQL / "write.sql").read_text()
REFUSED_FACTS = (_SQL / "refused_facts.sql").read_text()
QUARANTINED_BEFORE = (_SQL / "quarantined_before.sql").read_text()
IDENTITY = (_SQL / "identity.sql").read_text()

_REFUSED = frozenset({"conflict", "impossible"})


class LedgerTransaction:
    """What one batch does between BEGIN and COMMIT: three statements, and up to two for dead letters."""

    def __init__(
        self, connection: Connection, policies: _native.Policies, clock: Callable[[], datetime], actor: str
    ) -> None:
        self._connection = connection
        self._policies = policies
        self._clock = clock
        self._actor = actor

    async def lock(self, events: _native.Events, known: bytes) -> _native.Payments:
        """Lock the payments of the events that are not `known`, and read their state.

        `known` has one byte for each event, 1 if Redis knew it. Payments that don't exist yet can't be
        locked; if another worker creates one meanwhile, `write` fails with `LedgerRaced`.
        """
        payment_ids, event_payment_ids, sources, event_ids = events.lock_parameters(known)
        locked = await self._connection.fetchrow(LOCK, payment_ids)
        read = await self._connection.fetchrow(READ, payment_ids, event_payment_ids, sources, event_ids)
        # Both statements aggregate over everything, so they always return one row.
        return _native.Payments.read(events, known, tuple(locked or ()), tuple(read or ()))

    async def write(
        self,
        verdicts: _native.Verdicts,
        alerts: _native.Alerts,
        dead_letters: Sequence[DeadLetterRow] = (),
    ) -> None:
        """Write payments, operations, trail, parked facts and alerts; then any dead letters."""
        now = self._clock()
        now_us = round(now.timestamp() * 1_000_000)
        parameters = verdicts.write_parameters(alerts, self._policies, now_us)
        await self._connection.execute(WRITE, now, self._actor, *parameters)
        refused_facts = [
            (verdict, reason, payment_id, source, event_id, correlation_id)
            for payment_id, source, event_id, correlation_id, verdict, reason in verdicts.rejudged()
            if verdict in _REFUSED
        ]
        if refused_facts:
            columns = map(list, zip(*refused_facts, strict=True))
            await self._connection.execute(REFUSED_FACTS, now, *columns)
        if dead_letters:
            await insert_dead_letters(self._connection, dead_letters, now)

    async def quarantined_before(self, message_ids: Sequence[str]) -> dict[str, tuple[str, str, str | None]]:
        """Tell which messages are open dead letters already: class, reason and path by message id.

        Such a message comes again when nobody knows whether it got into the dead-letter queue.
        """
        rows = await self._connection.fetch(QUARANTINED_BEFORE, list(message_ids))
        return {row["message_id"]: (row["class"], row["reason"], row["path"]) for row in rows}

    async def write_dead_letters(self, rows: Sequence[DeadLetterRow]) -> None:
        """Write dead letters alone."""
        await insert_dead_letters(self._connection, rows, self._clock())

    async def write_deferred(self, queue: str, rows: Sequence[DeferredRow]) -> None:
        """Write messages that are to wait here, alone."""
        await defer_messages(self._connection, queue, rows, now=self._clock(), actor=self._actor)


class Ledger:
    """The books of one database."""

    def __init__(
        self,
        pool: Pool,
        policies: _native.Policies,
        clock: Callable[[], datetime],
        actor: str,
        *,
        acquire_timeout_s: float = 5.0,
    ) -> None:
        self._pool = pool
        self._policies = policies
        self._clock = clock
        self._actor = actor
        self._acquire_timeout_s = acquire_timeout_s

    @property
    def policies(self) -> _native.Policies:
        """What each source declares, as the payment machine reads it."""
        return self._policies

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[LedgerTransaction]:
        """Open a transaction; committed durably when the block ends, rolled back when it raises.

        Raises:
            LedgerRaced: another worker was first; run the batch again.
            StoreRefused: the database refused a row; nothing was written.
            StoreUnavailable: the database did not answer. Whether a commit under way took effect is not
                known; the next try finds out, since the trail has the events if it did.
        """
        with as_store_errors():
            connection = await self._connection()
            try:
                transaction = connection.transaction()
                try:
                    await transaction.start()
                    yield LedgerTransaction(connection, self._policies, self._clock, self._actor)
                    await transaction.commit()
                except BaseException as error:
                    await _roll_back(connection, transaction, error)
                    raise
            finally:
                await self._pool.release(connection)

    async def record_dead_letters(self, rows: Sequence[DeadLetterRow]) -> None:
        """Write dead letters that no batch brings along, in a transaction of their own.

        Raises:
            LedgerRaced: another worker was first; try again.
            StoreRefused: the database refused a row; nothing was written.
            StoreUnavailable: the database did not answer.
        """
        async with self.transaction() as transaction:
            await transaction.write_dead_letters(rows)

    async def record_deferred(self, queue: str, rows: Sequence[DeferredRow]) -> None:
        """Take in messages that wait here instead of in their queue, in a transaction of their own.

        Only once this has returned may they leave the queue.

        Raises:
            LedgerRaced: another worker was first; try again.
            StoreRefused: the database refused a row; nothing was written.
            StoreUnavailable: the database did not answer.
        """
        async with self.transaction() as transaction:
            await transaction.write_deferred(queue, rows)

    async def ledger_id(self) -> str:
        """Return the identity of these books, as Redis marks carry it.

        Raises:
            StoreOutdated: the schema is not this release's.
        """
        with as_store_errors():
            async with self._pool.acquire(timeout=self._acquire_timeout_s) as connection:
                await require_current(connection)
                return str(await connection.fetchval(IDENTITY))

    async def renew_connections(self) -> None:
        """Replace every connection when it is next asked for: those from before an outage may be dead."""
        await self._pool.expire_connections()

    async def _connection(self) -> Connection:
        """Take a connection; whatever keeps the server from giving one, no message is to blame for it."""
        try:
            return await self._pool.acquire(timeout=self._acquire_timeout_s)
        except asyncpg.PostgresError as error:
            raise StoreUnavailable(f"PostgreSQL gives no connection: {error} ({error.sqlstate})") from error


async def _roll_back(connection: Connection, transaction: Any, error: BaseException) -> None:
    """End a failed transaction. On a connection that is lost nothing is asked: the answer may never come."""
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        if not connection_is_lost(error):
            await transaction.rollback()
            return
    # The pool may have noticed the loss first; then there is nothing left to end.
    with suppress(asyncpg.InterfaceError):
        connection.terminate()
