"""What handlers work with: the database, the cache, the clock, the keys; made once a process."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from payflow.api.auth.keys import SigningKeys
from payflow.api.auth.parts import Auth, auth_of
from payflow.api.books import Books
from payflow.api.budgets.calls import WINDOW_S, CallBudgets
from payflow.api.budgets.store import Budget, BudgetStore
from payflow.api.cache.answers import KeptAnswers
from payflow.api.cache.front import Front
from payflow.api.database import Database, DatabaseAway, DatabaseOptions
from payflow.api.fleet.looking import FleetLook
from payflow.api.health.checks import HealthChecks
from payflow.api.metering import Meter
from payflow.api.middleware.forwarded import networks_of
from payflow.api.queue.looking import QueueLook
from payflow.api.replica import Replica
from payflow.api.routing.cursors import Cursors
from payflow.api.stream.hub import Hub
from payflow.api.stream.tickets import Tickets
from payflow.breakers.breakers import Breakers
from payflow.events import Sources
from payflow.idempotency import connect, disconnect
from payflow.telemetry.loop_watch import LoopWatch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import TypeAlias

    from redis.asyncio import Redis, RedisCluster

    from payflow.api.middleware.forwarded import Network
    from payflow.api.routing.route import Call
    from payflow.ledger.pool import Connection
    from payflow.settings import Settings

    Cache: TypeAlias = "Redis | RedisCluster"

CLOSING_S = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ApiOptions:
    """What holds for every call."""

    request_timeout_s: float
    body_bytes_max: int
    public_url: str
    """Where browsers find the console, without a slash at the end."""
    cors_origins: frozenset[str]
    trusted_proxies: tuple[Network, ...]
    address_budget: Budget | None
    principal_budget: Budget | None


@dataclass
class Services:
    """Everything that calls share. Open it with `open_services`."""

    settings: Settings
    options: ApiOptions
    database: Database
    redis: Cache
    replica: Replica | None
    front: Front
    answers: KeptAnswers
    budgets: BudgetStore
    calls: CallBudgets
    auth: Auth
    cursors: Cursors
    breakers: Breakers
    books: Books
    clock: Callable[[], datetime]
    started_at: datetime
    meter: Meter = field(default_factory=Meter)
    loop_watch: LoopWatch = field(default_factory=LoopWatch)
    stopping: bool = False
    """Whether the process was told to stop: no new work comes in from then on."""
    health: HealthChecks = field(init=False)
    queue: QueueLook = field(init=False)
    fleet: FleetLook = field(init=False)
    hub: Hub = field(init=False)
    tickets: Tickets = field(init=False)

    def __post_init__(self) -> None:
        """Make what looks at all the others."""
        self.health = HealthChecks(self)
        self.queue = QueueLook(self.settings)
        self.fleet = FleetLook(self.redis)
        self.hub = Hub(self, self.settings.stream.payments_per_s_max)
        self.tickets = Tickets(self.cursors, self.front, lambda: self.clock().timestamp())

    @asynccontextmanager
    async def reading(self, call: Call, *, deadline_s: float | None = None) -> AsyncIterator[Connection]:
        """Lend a connection for reads that decide nothing: a replica's, if the caller hasn't just written."""
        async with AsyncExitStack() as stack:
            connection = None
            if self.replica is not None and not call.sticky and self.replica.usable():
                with suppress(DatabaseAway):
                    connection = await stack.enter_async_context(
                        self.replica.database.connection(deadline_s=deadline_s)
                    )
            if connection is None:
                connection = await stack.enter_async_context(self.database.connection(deadline_s=deadline_s))
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
    settings: Settings,
    *,
    own_url: str | None = None,
    clock: Callable[[], datetime] | None = None,
    write: Callable[[str], None] = print,
) -> AsyncIterator[Services]:
    """Open what the API works with; servers that are away at this moment fail nobody here.

    Args:
        settings: the settings in force.
        own_url: where this process is found, for links when no public URL is set.
        clock: the time in UTC.
        write: prints mails, if that is how they are sent.

    Raises:
        SettingsInvalid: when a setting that it needs is missing or wrong.

    """
    api, redis_settings = settings.api, settings.redis
    now = clock or _now
    keys = SigningKeys.parse(api.signing_keys)
    breakers = Breakers(time.monotonic, now)
    deadline_s = redis_settings.deadline_ms / 1_000
    options = _options(settings, own_url)
    async with AsyncExitStack() as stack:
        database = Database(
            _database_options(settings, settings.postgres.required_dsn), breakers.add("postgres")
        )
        await database.open()
        stack.push_async_callback(database.close, CLOSING_S)
        replica = None
        if api.replica_dsn is not None:
            copy = Database(_database_options(settings, api.replica_dsn), breakers.add("replica"))
            await copy.open()
            stack.push_async_callback(copy.close, CLOSING_S)
            replica = Replica(copy, database, api.replica_lag_max_s)
        redis = connect(redis_settings.required_url, deadline_s=deadline_s)
        stack.push_async_callback(disconnect, redis)
        front = Front(redis, breakers.add("redis"), deadline_s)
        budgets = BudgetStore(front)
        # As long as an answer that was made before the write may still be kept, or be about to be.
        written_for_s = api.cache_ttl_s + api.request_timeout_s
        auth = auth_of(settings, keys, database, front, budgets, now, write)
        stack.callback(auth.passwords.close)
        services = Services(
            settings=settings,
            options=options,
            database=database,
            redis=redis,
            replica=replica,
            front=front,
            answers=KeptAnswers(front, api.cache_ttl_s, max(written_for_s, api.replica_lag_max_s)),
            budgets=budgets,
            calls=CallBudgets(budgets, lambda: now().timestamp()),
            auth=auth,
            cursors=Cursors(keys.derived("cursor").values()),
            breakers=breakers,
            books=Books(Sources.load(settings.events.sources_file), now),
            clock=now,
            started_at=now(),
        )
        stack.push_async_callback(services.queue.aclose)
        stack.push_async_callback(services.health.aclose)
        yield services


def _options(settings: Settings, own_url: str | None) -> ApiOptions:
    api = settings.api
    return ApiOptions(
        request_timeout_s=api.request_timeout_s,
        body_bytes_max=api.body_max_kib * 1_024,
        public_url=(api.public_url or own_url or f"http://{api.host}:{api.port}").rstrip("/"),
        cors_origins=frozenset(part.strip() for part in (api.cors_origins or "").split(",") if part.strip()),
        trusted_proxies=networks_of(api.trusted_proxies, "PAYFLOW_API_TRUSTED_PROXIES"),
        address_budget=_budget("address", api.requests_address_max),
        principal_budget=_budget("user", api.requests_principal_max),
    )


def _budget(name: str, amount: int) -> Budget | None:
    return Budget(name, amount, WINDOW_S) if amount else None


def _database_options(settings: Settings, dsn: str) -> DatabaseOptions:
    api = settings.api
    return DatabaseOptions(
        dsn=dsn,
        pool_size=api.pool_size,
        statement_timeout_s=api.statement_timeout_ms / 1_000,
        connect_timeout_s=api.connect_timeout_ms / 1_000,
    )


def _now() -> datetime:
    return datetime.now(UTC)
