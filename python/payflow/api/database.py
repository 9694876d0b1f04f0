"""The database as the API uses it: each use has a deadline; an outage is told instead of waited for."""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from payflow.cancellation import cancel_surely
from payflow.errors import StoreUnavailable
from payflow.ledger.faults import LedgerRaced, LedgerStalled, connection_is_lost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from payflow.breakers.breaker import Breaker
    from payflow.ledger.pool import Connection, Pool

_SLACK_S: Final = 0.2
"""How much longer the client waits for a statement than the server lets it run."""

_RACED: Final = (
    asyncpg.UniqueViolationError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
)
_STALLED: Final = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)
_AWAY: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresSystemError,
)
"""The server says itself that it can't work now."""
_LOST: Final = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@dataclass(frozen=True)
class DatabaseOptions:
    """How one process uses one server; all times are deadlines."""

    dsn: str
    pool_size: int = 10
    statement_timeout_s: float = 1.5
    connect_timeout_s: float = 1.0
    name: str = "payflow-api"


class DatabaseAway(StoreUnavailable):
    """The server does not answer; `retry_after_s` says in whole seconds when to try again."""

    def __init__(self, text: str, retry_after_s: int) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class Database:
    """A pool behind a breaker: while the server is away, only a probe knocks, and calls fail without waiting.

    Args:
        options: where the server is, and the deadlines.
        breaker: keeps the state; this object alone drives it.

    """

    def __init__(self, options: DatabaseOptions, breaker: Breaker) -> None:
        self.options = options
        self.breaker = breaker
        self._pool: Pool | None = None
        self._prober: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Make the pool; connections come with the first use, so a server that is away fails nobody here."""
        self._pool = await asyncpg.create_pool(
            self.options.dsn,
            min_size=0,
            max_size=self.options.pool_size,
            max_inactive_connection_lifetime=0,
            timeout=self.options.connect_timeout_s,
            # Nothing in a session outlives its transaction: all that is set is set LOCAL.
            reset=_keep_as_is,
            server_settings={
                "application_name": self.options.name,
                "statement_timeout": str(round(self.options.statement_timeout_s * 1_000)),
                "idle_in_transaction_session_timeout": str(round(self.options.statement_timeout_s * 4_000)),
                "jit": "off",
                # A list is planned for the filters that it gets: a plan for all values walks the whole table
                # for a value that few rows have.
                "plan_cache_mode": "force_custom_plan",
            },
        )

    async def close(self, timeout_s: float) -> None:
        """Close all connections; those that take too long are cut."""
        if self._prober is not None:
            await cancel_surely([self._prober])
        if self._pool is None:
            return
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with asyncio.timeout(timeout_s):
                await self._pool.close()
        self._pool.terminate()

    @property
    def connections(self) -> tuple[int, int]:
        """Open connections, and how many of them are idle."""
        return (0, 0) if self._pool is None else (self._pool.get_size(), self._pool.get_idle_size())

    @asynccontextmanager
    async def connection(self, *, deadline_s: float | None = None) -> AsyncIterator[Connection]:
        """Lend a connection; everything done in the block shares one deadline.

        Args:
            deadline_s: a longer one than the statement timeout; the block is one transaction then.

        Raises:
            DatabaseAway: the server does not answer, or all connections are busy for too long.
            LedgerRaced: a key was taken meanwhile, or the server chose this one to end a deadlock.
            LedgerStalled: a statement took too long, or waited too long for a row.

        """
        self._refuse_while_away()
        connection = await self._acquire()
        allowed = asyncio.timeout((deadline_s or self.options.statement_timeout_s) + _SLACK_S)
        try:
            async with allowed:
                if deadline_s is None:
                    yield connection
                else:
                    async with connection.transaction():
                        limit = str(round(deadline_s * 1_000))
                        await connection.execute("SELECT set_config('statement_timeout', $1, true)", limit)
                        yield connection
        except BaseException as error:
            gone = allowed.expired() or _is_closed(connection)
            if gone or connection_is_lost(error):
                _cut(connection)  # after which nothing may be asked of it
            self._tell_apart(error, gone=gone)
            raise
        finally:
            await self._release(connection)

    @asynccontextmanager
    async def transaction(self, *, deadline_s: float | None = None) -> AsyncIterator[Connection]:
        """Lend a connection with a transaction: durable when the block ends, undone when it raises.

        Raises:
            DatabaseAway, LedgerRaced, LedgerStalled: as `connection`.

        """
        async with self.connection(deadline_s=deadline_s) as connection, connection.transaction():
            yield connection

    def failed(self, reason: str) -> None:
        """Note that the server does not answer: calls fail at once until a probe goes through."""
        self.breaker.failed(reason)
        if self._prober is None or self._prober.done():
            self._prober = asyncio.create_task(self._until_back(), name=f"probe-{self.options.name}")

    async def probe(self) -> None:
        """Prove that the server answers, on a connection of its own."""
        connection = await asyncpg.connect(
            self.options.dsn,
            timeout=self.options.connect_timeout_s,
            command_timeout=self.options.connect_timeout_s,
        )
        try:
            await connection.execute("SELECT 1")
        finally:
            connection.terminate()

    def _tell_apart(self, error: BaseException, *, gone: bool) -> None:
        """Raise what an error means: race, slow statement, outage. What is left is the caller's own."""
        if isinstance(error, _RACED):
            raise LedgerRaced(str(error)) from error
        if isinstance(error, _STALLED):
            raise LedgerStalled(f"PostgreSQL: {error}") from error
        # A handler may have met an error of its own, with another server, while it held the connection.
        if isinstance(error, _AWAY) or (gone and isinstance(error, _LOST)):
            text = f"PostgreSQL: {str(error) or 'no answer within the deadline'}"
            self.failed(text)
            raise self._away(text) from error

    async def _acquire(self) -> Connection:
        pool = self._opened()
        try:
            return await pool.acquire(timeout=self.options.connect_timeout_s)
        except TimeoutError as error:
            # Calls that wait for each other, or a busy machine, look the same from here: a probe finds out.
            self._suspect()
            raise self._away("no database connection is free in time") from error
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self.failed(str(error))
            raise self._away(f"PostgreSQL gives no connection: {error}") from error

    async def _release(self, connection: Connection) -> None:
        with suppress(asyncpg.InterfaceError, asyncpg.PostgresError, OSError, TimeoutError):
            await self._opened().release(connection)

    def _suspect(self) -> None:
        """Look, beside the calls, whether the server is still there."""
        if self.breaker.closed and (self._prober is None or self._prober.done()):
            self._prober = asyncio.create_task(self._look(), name=f"probe-{self.options.name}")

    async def _look(self) -> None:
        try:
            await self.probe()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self.breaker.failed(str(error) or "no answer within the deadline")
            await self._until_back()

    async def _until_back(self) -> None:
        while not self.breaker.closed:
            await asyncio.sleep(self.breaker.probe_in_s)
            self.breaker.probe()
            try:
                await self.probe()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                self.breaker.failed(str(error) or type(error).__name__)
            else:
                # Connections from before the outage may be dead without knowing it.
                await self._opened().expire_connections()
                self.breaker.succeeded()

    def _refuse_while_away(self) -> None:
        if not self.breaker.closed:
            raise self._away(f"PostgreSQL is away: {self.breaker.state().reason}")

    def _away(self, text: str) -> DatabaseAway:
        return DatabaseAway(text, max(1, math.ceil(self.breaker.probe_in_s)))

    def _opened(self) -> Pool:
        if self._pool is None:
            raise StoreUnavailable("the pool is not open")
        return self._pool


def _is_closed(connection: Connection) -> bool:
    try:
        closed: bool = connection.is_closed()
    except asyncpg.InterfaceError:
        return True  # the pool has noticed first, and taken it back
    return closed


def _cut(connection: Connection) -> None:
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


async def _keep_as_is(_connection: Any) -> None:
    """Spare the reset query after each use."""
