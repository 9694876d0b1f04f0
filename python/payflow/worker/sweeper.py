"""The sweeper: one worker of the fleet looks after what waits and what the queue gave up on.

Every minute it judges parked facts anew whose payment changed, tells of those that wait for long, makes
orphans of those whose source has given up, and takes in what SQS moved to the dead-letter queue. All its
work is in bounded batches, each a transaction of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Self

import structlog

from payflow.decoding import Decoder
from payflow.errors import QueueError, StoreError
from payflow.events import Sources
from payflow.intake import queues
from payflow.ledger import LedgerRaced
from payflow.ledger.faults import as_store_errors
from payflow.ledger.quarantine import Overdue, orphan_due, overdue_facts, rejudge_changed
from payflow.ledger.session import elected
from payflow.lifecycle import policies_of
from payflow.worker.exhausted import HIDDEN_S, TakenIn, take_in
from payflow.worker.sweep_figures import SweepFigures

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payflow import _native
    from payflow.ledger.pool import Connection
    from payflow.settings import Settings
    from payflow.settings import Sweeper as Knobs

__all__ = ["SWEEPER_LOCK", "SweepOptions", "Sweeper", "Swept", "keep_swept"]

SWEEPER_LOCK: Final = 5_021_947_002
"""Key of the advisory lock that lets one sweeper work at a time; any number that nobody else uses."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SweepOptions:
    """How often and how much."""

    interval_s: float = 60.0
    warn_after_s: float = 3_600.0
    """Facts that have waited for longer are told of."""
    batch_size: int = 200
    """Facts or payments of one transaction."""
    batches_max: int = 50
    """Batches of each kind in one pass; the next pass goes on from there."""
    messages_max: int = 1_000
    """Messages of the dead-letter queue that are looked at in one pass."""
    hidden_s: int = HIDDEN_S
    """How long messages that were looked at stay hidden."""

    @classmethod
    def of(cls, knobs: Knobs) -> Self:
        """Take what is set."""
        return cls(
            interval_s=knobs.interval_s,
            warn_after_s=knobs.warn_age_s,
            batch_size=knobs.batch_size,
            messages_max=knobs.dead_letters_max,
            hidden_s=knobs.dead_letters_hidden_s,
        )


@dataclass
class Swept:
    """What one pass did."""

    overdue: Overdue | None = None
    freed: Counter[str] = field(default_factory=Counter)
    """Parked facts that were judged anew and left, by verdict. Anything here deserves a look."""
    orphaned: int = 0
    taken_in: TakenIn = field(default_factory=TakenIn)


class Sweeper:
    """One pass after another over one database.

    Args:
        policies: what each source declares.
        rules: gives the rules in force.
        decoder: reads stored and redriven events.
        clock: gives the time in UTC.
        actor: names the sweeper in the trail.
        options: how much a pass may do.
        observe: told of each pass, for metrics.

    """

    def __init__(
        self,
        policies: _native.Policies,
        rules: Callable[[], _native.RuleSet],
        decoder: Decoder,
        clock: Callable[[], datetime],
        actor: str,
        options: SweepOptions = SweepOptions(),
        observe: Callable[[Swept], None] = lambda _: None,
    ) -> None:
        self._policies = policies
        self._rules = rules
        self._decoder = decoder
        self._clock = clock
        self._actor = actor
        self._options = options
        self._observe = observe
        self._rejudged_up_to = ""

    async def sweep(self, connection: Connection, queue: tuple[Any, str] | None = None) -> Swept:
        """Do one pass; the caller holds the lock.

        Args:
            connection: does all of it, transaction by transaction.
            queue: an SQS client and the dead-letter queue's name; without, the queue is left alone.

        Raises:
            StoreError, QueueError: something is away; what was committed before stands.

        """
        swept = Swept()
        with as_store_errors():
            swept.freed = await self._rejudge(connection)
            swept.orphaned = await self._orphan(connection)
            swept.overdue = await self._warn(connection)
        if queue is not None:
            sqs, name = queue
            url = await queues.queue_url(sqs, name)
            swept.taken_in = await take_in(
                connection,
                sqs,
                url,
                self._decoder,
                self._clock,
                messages_max=self._options.messages_max,
                hidden_s=self._options.hidden_s,
            )
            if swept.taken_in.listed:
                log.warning("dead_letters_taken_in", stage="intake", letters=swept.taken_in.listed)
        self._observe(swept)
        return swept

    async def _rejudge(self, connection: Connection) -> Counter[str]:
        freed: Counter[str] = Counter()
        for _ in range(self._options.batches_max):
            batch = await rejudge_changed(
                connection,
                self._policies,
                self._rules(),
                self._decoder.decode,
                self._clock,
                actor=self._actor,
                behind=self._rejudged_up_to,
                limit=self._options.batch_size,
            )
            freed.update(batch.verdicts)
            self._rejudged_up_to = batch.last or ""
            if batch.last is None:
                break
        if freed:
            log.warning("parked_facts_freed_late", stage="lifecycle", verdicts=dict(freed))
        return freed

    async def _orphan(self, connection: Connection) -> int:
        orphaned = 0
        for _ in range(self._options.batches_max):
            due, left = await orphan_due(
                connection,
                self._rules().try_facts,
                actor=self._actor,
                now=self._clock(),
                limit=self._options.batch_size,
            )
            orphaned += left
            if due < self._options.batch_size:
                break
        if orphaned:
            log.error("parked_facts_orphaned", stage="lifecycle", facts=orphaned)
        return orphaned

    async def _warn(self, connection: Connection) -> Overdue:
        overdue = await overdue_facts(
            connection, self._clock() - timedelta(seconds=self._options.warn_after_s)
        )
        if overdue.facts:
            log.warning(
                "parked_facts_overdue",
                stage="lifecycle",
                facts=overdue.facts,
                payments=overdue.payments,
                oldest_at=overdue.oldest_at,
                next_deadline_at=overdue.next_deadline_at,
            )
        return overdue


async def keep_swept(
    settings: Settings,
    rules: Callable[[], _native.RuleSet],
    clock: Callable[[], datetime],
    actor: str,
    *,
    figures: SweepFigures | None = None,
    observe: Callable[[Swept], None] = lambda _: None,
) -> None:
    """Sweep for ever, on a connection of its own; a database or queue that is away only delays it."""
    sources, figures = Sources.load(settings.events.sources_file), figures or SweepFigures()
    options = SweepOptions.of(settings.sweeper)

    def swept(pass_: Swept) -> None:
        figures.swept(pass_, clock())
        observe(pass_)

    sweeper = Sweeper(policies_of(sources), rules, Decoder(sources, clock), clock, actor, options, swept)
    while True:
        await asyncio.sleep(options.interval_s)
        try:
            await _sweep_while_elected(settings, sweeper, options)
        except (StoreError, QueueError, LedgerRaced) as error:
            figures.failed("away")
            log.warning("sweep_delayed", error=str(error))
        except Exception:
            # A fault of ours on one fact must not leave all others waiting for ever, nor end the worker.
            figures.failed("fault")
            log.exception("sweep_failed")
        figures.not_elected()


async def _sweep_while_elected(settings: Settings, sweeper: Sweeper, options: SweepOptions) -> None:
    """Sweep as long as this process holds the lock; return at once if another one has it."""
    queue = settings.queue
    async with elected(settings.postgres.ledger_options(), SWEEPER_LOCK) as connection:
        if connection is None:
            return
        async with queues.client(endpoint_url=queue.endpoint_url, region=queue.region) as sqs:
            while True:
                await sweeper.sweep(connection, (sqs, queue.dead_letter_name))
                await asyncio.sleep(options.interval_s)
