"""From the deliveries of a past to books: decoded, judged and evaluated as a worker does, written in bulk."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import msgspec

from payflow import _native
from payflow.decoding import Decoder
from payflow.errors import StoreRefused
from payflow.events import Sources
from payflow.ledger import DeadLetterRow, LedgerOptions, LedgerRaced, open_pool
from payflow.ledger.bulk import fill, is_empty, tidy
from payflow.ledger.faults import as_store_errors
from payflow.ledger.rules import enabled_rules
from payflow.ledger.schema import require_current
from payflow.lifecycle import policies_of
from payflow.rules import Rule, Severity, compile_rules
from payflow.worker.rules_in_force import plant_seed_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from payflow.ledger.pool import Connection, Pool
    from payflow.settings import Settings
    from payflow.workload.past import Past, PastDelivery

__all__ = ["Filling", "Sown"]

ACTOR: Final = "seed"
ALERTS_OPEN_FOR: Final = timedelta(hours=8)
"""Alerts of the last hours are still to be looked at."""
STATEMENT_TIMEOUT_MS: Final = 600_000


class Sown(msgspec.Struct, frozen=True):
    """What was written so far."""

    payments: int
    audit_rows: int
    dead_letters: int
    took_s: float
    seed: int


class _Stretch(NamedTuple):
    """A stretch, judged."""

    verdicts: _native.Verdicts
    alerts: _native.Alerts
    recorded_us: list[int]
    dead_letters: list[DeadLetterRow]
    now: datetime


class Filling:
    """Fills one database; an asynchronous context manager that holds the connection.

    Args:
        settings: where the books are, and what the sources declare.
        seed: names the past in what is told of it.
        append: whether books that have payments are welcome.

    Raises:
        StoreRefused: the books are not empty.
        StoreError: the database is away, or its schema is not this release's.

    """

    def __init__(self, settings: Settings, *, seed: int, append: bool) -> None:
        self._settings = settings
        self._seed = seed
        self._append = append
        sources = Sources.load(settings.events.sources_file)
        self._policies = policies_of(sources)
        self._decoder = Decoder(sources, lambda: datetime.now(UTC))
        self._rules: _native.RuleSet = compile_rules([])
        self._stack = AsyncExitStack()
        self._connection: Connection | None = None

    async def __aenter__(self) -> Self:
        """Connect, and see that the books may be filled."""
        postgres = self._settings.postgres
        pool = await open_pool(
            LedgerOptions(
                dsn=postgres.required_dsn,
                pool_size=1,
                statement_timeout_ms=STATEMENT_TIMEOUT_MS,
                connect_timeout_s=postgres.connect_timeout_s,
            )
        )
        self._stack.callback(pool.terminate)
        await self._take_rules(pool)
        connection = await self._stack.enter_async_context(pool.acquire())
        with as_store_errors():
            await require_current(connection)
            # What a crash of the server takes is written again: nobody was told that it is there.
            await connection.execute("SET synchronous_commit = off")
        self._connection = connection
        if not self._append and not await is_empty(connection):
            await self._stack.aclose()
            raise StoreRefused(
                "the books are not empty\nNext: add to them with --append, or name another database"
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._stack.aclose()

    async def run(self, past: Past, progress: Callable[[Sown], None], took_s: Callable[[], float]) -> Sown:
        """Write everything; the next stretch is judged while the server takes this one."""
        connection = self._connected()
        stretches = self._judged(past)
        following = asyncio.create_task(asyncio.to_thread(next, stretches, None))
        payments = audit_rows = dead_letters = 0
        while (stretch := await following) is not None:
            following = asyncio.create_task(asyncio.to_thread(next, stretches, None))
            try:
                filled = await fill(
                    connection,
                    *(stretch.verdicts, stretch.alerts, self._policies, stretch.recorded_us),
                    stretch.dead_letters,
                    actor=ACTOR,
                    now=stretch.now,
                    alerts_closed_before=past.end - ALERTS_OPEN_FOR,
                )
            except LedgerRaced as error:
                raise StoreRefused(
                    f"a payment of seed {self._seed} is there already: {error}\n"
                    "Next: name another one with --seed"
                ) from error
            payments += filled.payments
            audit_rows += filled.audit_rows
            dead_letters += filled.dead_letters
            progress(Sown(payments, audit_rows, dead_letters, took_s(), self._seed))
        await tidy(connection)
        return Sown(payments, audit_rows, dead_letters, took_s(), self._seed)

    def _judged(self, past: Past) -> Iterator[_Stretch]:
        for deliveries in past.stretches():
            yield self._judge(deliveries)

    def _judge(self, deliveries: list[PastDelivery]) -> _Stretch:
        decoded = self._decoder.decode([delivery.body for delivery in deliveries])
        if decoded.malformed:
            raise AssertionError(f"the past has no malformed deliveries: {decoded.malformed[0]}")
        events = _native.Events(decoded.events, decoded.payloads)
        payments = _native.Payments.after(None, events, bytes(len(events)))
        verdicts = _native.apply(events, payments, self._policies)
        return _Stretch(
            verdicts,
            _native.evaluate(self._rules, verdicts),
            [delivery.recorded_ms * 1_000 for delivery in deliveries],
            [
                self._dead_letter(deliveries[index], events.names(index), klass, reason, path)
                for index, klass, reason, path in verdicts.quarantined()
            ],
            datetime.fromtimestamp(deliveries[-1].recorded_ms / 1_000, UTC),
        )

    def _dead_letter(
        self,
        delivery: PastDelivery,
        names: tuple[str, str, str, str],
        klass: str,
        reason: str,
        path: str | None,
    ) -> DeadLetterRow:
        payment_id, source, event_id, correlation_id = names
        return DeadLetterRow(
            klass=klass,
            reason=reason,
            path=path,
            rule=None,
            payment_id=payment_id,
            source=source,
            event_id=event_id,
            correlation_id=correlation_id,
            message_id=f"seed-{self._seed}-{event_id}-{reason}",
            receive_count=1,
            sent_at_ms=delivery.recorded_ms,
            body=delivery.body,
        )

    async def _take_rules(self, pool: Pool) -> None:
        await plant_seed_rules(pool)
        self._rules = compile_rules(
            [
                Rule(
                    rule_id=rule_id,
                    name=name,
                    version=version,
                    severity=Severity(severity),
                    condition=condition,
                )
                for rule_id, name, version, severity, condition in await enabled_rules(pool)
            ]
        )

    def _connected(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("enter the filling first")
        return self._connection
