"""What handlers work with: the database, the cache, the clock, the keys; made once a process."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from payflow.api.auth.keys import SigningKeys
from payflow.api.auth.sign_in import SignIns
from payflow.api.auth.tokens import AccessTokens
from payflow.api.books import Books
from payflow.api.database import Database, DatabaseOptions
from payflow.api.routing.cursors import Cursors
from payflow.breakers.breakers import Breakers
from payflow.events import Sources
from payflow.idempotency import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import TypeAlias

    from redis.asyncio import Redis, RedisCluster

    from payflow.api.routing.access import Principal
    from payflow.api.routing.route import Call
    from payflow.ledger.pool import Connection
    from payflow.settings import Settings

    Cache: TypeAlias = "Redis | RedisCluster"

ACCESS_TOKEN_TTL_S = 600
CLOSING_S = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ApiOptions:
    """Bounds that hold for every call."""

    request_timeout_s: float
    body_bytes_max: int


@dataclass
class Services:
    """Everything that calls share. Open it with `open_services`."""

    settings: Settings
    options: ApiOptions
    database: Database
    redis: Cache
    cursors: Cursors
    tokens: AccessTokens
    sign_ins: SignIns
    breakers: Breakers
    books: Books
    clock: Callable[[], datetime]
    started_at: datetime
    stopping: bool = field(default=False)

    async def sign_in_of(self, authorization: bytes | None) -> Principal:
        """Give the principal of a call.

        Raises:
            ProblemError: unauthorized, token_expired or session_revoked.

        """
        return await self.sign_ins.of(authorization)

    @asynccontextmanager
    async def reading(self, _call: Call, *, deadline_s: float | None = None) -> AsyncIterator[Connection]:
        """Lend a connection for reads that decide nothing."""
        async with self.database.connection(deadline_s=deadline_s) as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self, call: Call, *, deadline_s: float | None = None) -> AsyncIterator[Connection]:
        """Lend a transaction on the primary; that of an idempotent route goes on after the block."""
        if call.connection is not None:
            yield call.connection
            return
        async with self.database.transaction(deadline_s=deadline_s) as connection:
            yield connection
        await self.finish(call)

    async def finish(self, call: Call) -> None:
        """Do what was to be done after the commit; the work is durable, so a failure here doesn't undo it."""
        for action in call.take_afterwards():
            try:
                await action()
            except Exception:
                log.exception("after_commit_failed", operation=call.route.operation_id)


@asynccontextmanager
async def open_services(
    settings: Settings, clock: Callable[[], datetime] | None = None
) -> AsyncIterator[Services]:
    """Open what the API works with; servers that are away at this moment fail nobody here.

    Raises:
        SettingsInvalid: when a setting that it needs is missing or wrong.

    """
    api = settings.api
    now = clock or _now
    keys = SigningKeys.parse(api.signing_keys)
    breakers = Breakers(time.monotonic, now)
    database = Database(
        DatabaseOptions(
            dsn=settings.postgres.required_dsn,
            pool_size=api.pool_size,
            statement_timeout_s=api.statement_timeout_ms / 1_000,
            connect_timeout_s=api.connect_timeout_ms / 1_000,
        ),
        breakers.add("postgres"),
    )
    await database.open()
    redis = connect(settings.redis.required_url, deadline_s=settings.redis.deadline_ms / 1_000)
    tokens = AccessTokens(keys, ACCESS_TOKEN_TTL_S, lambda: now().timestamp())
    try:
        yield Services(
            settings=settings,
            options=ApiOptions(api.request_timeout_s, api.body_max_kib * 1_024),
            database=database,
            redis=redis,
            cursors=Cursors(keys.derived("cursor")[keys.signing_id]),
            tokens=tokens,
            sign_ins=SignIns(tokens, database, now),
            breakers=breakers,
            books=Books(Sources.load(settings.events.sources_file), now),
            clock=now,
            started_at=now(),
        )
    finally:
        await redis.aclose()
        await database.close(CLOSING_S)


def _now() -> datetime:
    return datetime.now(UTC)
