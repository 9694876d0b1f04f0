"""The flow: decode, ask what was seen, lock, judge, evaluate rules, write, mark. Batches in, outcomes out."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import structlog

from payflow import _native
from payflow.errors import StoreRefused, StoreUnavailable
from payflow.ledger import Ledger, LedgerRaced, LedgerStalled
from payflow.pipeline.attempts import Uncounted
from payflow.pipeline.deliveries import Deliveries
from payflow.pipeline.failures import Failure, Failures
from payflow.pipeline.outcomes import Outcomes
from payflow.pipeline.store import HoldNothing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payflow.decoding import Decoder
    from payflow.events import PaymentEvent
    from payflow.intake.contract import Batch
    from payflow.ledger import DeadLetterRow
    from payflow.ledger.ledger import LedgerTransaction
    from payflow.pipeline.attempts import Attempts
    from payflow.pipeline.deferral import Deferral
    from payflow.pipeline.retry import RetryPolicy
    from payflow.pipeline.store import StoreGate
    from payflow.pipeline.throttle import Throttle
    from payflow.telemetry.figures import Figures

RACES_MAX = 16
"""How often one batch is run again because another worker was first."""

STALLS_MAX = 2
"""Statements that may run into their time limit before the batch is suspected, and not the server."""

log = structlog.get_logger(__name__)


Observe: TypeAlias = "Callable[[Sequence[PaymentEvent], float], None]"
"""Told the events of each batch right after its commit, with the time of that in Unix milliseconds."""


class SeenMarks(Protocol):
    """What the pipeline asks of the idempotency stage; neither call raises."""

    async def unseen(self, keys: list[bytes], fingerprints: list[bytes]) -> list[int]:
        """Tell the positions of the events that are not marked with their fingerprint."""

    async def mark(self, keys: list[bytes], fingerprints: list[bytes]) -> None:
        """Mark events as seen."""


@dataclass(frozen=True)
class Stages:
    """The stages of one worker, ready to use."""

    decoder: Decoder
    seen: SeenMarks
    ledger: Ledger
    rules: Callable[[], _native.RuleSet]
    """Returns the rules in force."""


class Pipeline:
    """Processes batches; several at a time, as long as a payment is only in one of them.

    Args:
        stages: what a batch passes through.
        ledger_id: the identity of the books, for the marks.
        figures: counts what happens.
        retry: how long failures wait, and how many a message has.
        store: holds batches while the database is away; without one they go back at once.
        attempts: counts failures by message; without one the queue's redrive policy ends them.
        deferral: says which failures wait in the database; without one all wait in the queue.
        clock_ms: Unix time in milliseconds.
        observe: told the events of each commit.
        throttle: keeps back events of merchants over their rate; they come again by `go_on`.

    """

    def __init__(
        self,
        stages: Stages,
        ledger_id: str,
        figures: Figures,
        retry: RetryPolicy,
        *,
        store: StoreGate | None = None,
        attempts: Attempts | None = None,
        deferral: Deferral | None = None,
        clock_ms: Callable[[], float] = lambda: time.time() * 1_000,
        observe: Observe | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        self._stages = stages
        self._ledger_id = ledger_id
        self._figures = figures
        self._retry = retry
        self._store = store or HoldNothing()
        self._failures = Failures(
            retry,
            attempts or Uncounted(),
            figures,
            bury=stages.ledger.record_dead_letters,
            defer=stages.ledger.record_deferred,
            deferral=deferral,
        )
        self._clock_ms = clock_ms
        self._observe = observe
        self._throttle = throttle

    @property
    def figures(self) -> Figures:
        """What it counts into."""
        return self._figures

    async def process(self, batch: Batch) -> Outcomes:
        """Decide every delivery of the batch that its merchant's rate lets through.

        Raises neither for its content nor for a store that is away.
        """
        self._figures.taken(batch.sent_at_ms, batch.received_at_ms, batch.receive_counts, self._clock_ms())
        laps = self._figures.laps()
        deliveries = Deliveries.of(batch, self._stages.decoder.decode(batch.bodies))
        laps.end("decode")
        if self._throttle is not None and self._throttle.rates:
            deliveries = self._throttle.admit(deliveries)
        return await self.go_on(deliveries)

    async def go_on(self, deliveries: Deliveries) -> Outcomes:
        """Decide deliveries that are decoded already; as `process`, which keeps none of them back."""
        if not len(deliveries):
            return Outcomes()
        failures: list[Failure] = []
        outcomes = await self._decide(deliveries, failures, STALLS_MAX)
        if failures:
            outcomes.add(await self._failures.decide(failures))
        return outcomes

    async def _decide(
        self, deliveries: Deliveries, failures: list[Failure], stalls_left: int, *, anew: bool = False
    ) -> Outcomes:
        """Apply in one transaction, as often as the store needs; what it refuses is split.

        `anew` says that they may be committed already.
        """
        go_on = await self._store.ready()
        while go_on:
            try:
                outcomes = await self._apply(deliveries, anew=anew)
            except StoreUnavailable as error:
                stalls_left -= _stalled(error)
                if not stalls_left:
                    # The server has proved in between that it works: somebody holds a row of this batch.
                    self._store.succeeded()
                    return await self._split(deliveries, failures, error)
                self._failed("store_unavailable", deliveries, error)
                anew = True
                go_on = await self._store.back_after(str(error))
            except Exception as error:  # noqa: BLE001 - whatever one delivery brings about, its neighbours go on
                self._store.succeeded()
                return await self._split(deliveries, failures, error)
            else:
                self._store.succeeded()
                return outcomes
        # At once: the receive that this costs is the same after any delay, and another worker may reach the
        # store that this one can't.
        tokens = deliveries.batch.tokens
        return Outcomes(retries=[(tokens[position], 0) for position in deliveries.positions()])

    async def _split(self, deliveries: Deliveries, failures: list[Failure], error: Exception) -> Outcomes:
        """Decide the halves each by itself, until the culprit stands alone; that one is a failure."""
        outcomes = Outcomes()
        if len(deliveries) > 1:
            self._figures.splits += 1
            for half in deliveries.halves():
                stalls_left = 1 if _stalled(error) else STALLS_MAX
                outcomes.add(await self._decide(half, failures, stalls_left, anew=True))
            return outcomes
        refused = "store_refused" if isinstance(error, StoreRefused) else "unexpected"
        kind = "store_stalled" if _stalled(error) else refused
        self._failed(kind, deliveries, error)
        failures.append(Failure(deliveries, kind, error))
        return outcomes

    async def _apply(self, deliveries: Deliveries, *, anew: bool) -> Outcomes:
        laps = self._figures.laps()
        events = _native.Events(deliveries.events, deliveries.payloads)
        keys, fingerprints = events.mark_keys(self._ledger_id), events.fingerprints()
        known = _known(len(events), await self._stages.seen.unseen(keys, fingerprints))
        laps.end("check")
        verdicts, alerts, outcomes = await self._commit(deliveries, events, known, anew=anew)
        committed_at_ms = self._clock_ms()
        if self._observe is not None:
            self._observe(deliveries.events, committed_at_ms)
        fresh = verdicts.to_mark()
        if fresh:
            # Only after the commit: a mark without its effect would lose the event.
            laps = self._figures.laps()
            await self._stages.seen.mark([keys[i] for i in fresh], [fingerprints[i] for i in fresh])
            laps.end("mark")
        batch = deliveries.batch
        positions = deliveries.positions()
        self._figures.committed(
            [batch.sent_at_ms[i] for i in positions],
            [batch.receive_counts[i] for i in positions],
            committed_at_ms,
        )
        self._figures.batch_decided(
            verdicts.counts(), verdicts.rejudged_counts(), alerts.counts(), len(deliveries.malformed)
        )
        return outcomes

    async def _commit(
        self, deliveries: Deliveries, events: _native.Events, known: bytes, *, anew: bool
    ) -> tuple[_native.Verdicts, _native.Alerts, Outcomes]:
        ledger, rules = self._stages.ledger, self._stages.rules()
        for races in range(RACES_MAX):
            if races:
                await asyncio.sleep(self._retry.race_delay_s(races))
            laps = self._figures.laps()
            try:
                async with ledger.transaction() as transaction:
                    payments = await transaction.lock(events, known)
                    verdicts = _native.apply(events, payments, ledger.policies)
                    alerts = _native.evaluate(rules, verdicts)
                    refused = deliveries.refused(verdicts)
                    laps.end("apply")
                    await transaction.write(verdicts, alerts, list(refused.values()))
                    refused |= await _quarantined_again(transaction, deliveries, anew=anew or races > 0)
            except LedgerRaced:
                self._figures.races += 1
                continue
            laps.end("commit")
            return verdicts, alerts, deliveries.outcomes(refused)
        raise StoreRefused(f"the batch lost {RACES_MAX} races for its payments")

    def _failed(self, kind: str, deliveries: Deliveries, error: Exception) -> None:
        positions = deliveries.positions()
        self._figures.failed(kind, len(positions))
        log.warning(
            "deliveries_failed",
            kind=kind,
            deliveries=len(positions),
            error=str(error),
            **_names(deliveries),
            exc_info=error if kind == "unexpected" else None,
        )


async def _quarantined_again(
    transaction: LedgerTransaction, deliveries: Deliveries, *, anew: bool
) -> dict[int, DeadLetterRow]:
    """Find events that are duplicates by now and whose message never got into the dead-letter queue."""
    places = deliveries.come_again(anew=anew)
    if not places:
        return {}
    before = await transaction.quarantined_before(list(places))
    return dict(
        deliveries.quarantined_again(places[message_id], *decision) for message_id, decision in before.items()
    )


def _names(deliveries: Deliveries) -> dict[str, str | None]:
    """Name a delivery that stands alone, as the log does everywhere; a batch has no name."""
    if len(deliveries) != 1:
        return {}
    (position,) = deliveries.positions()
    named = deliveries.events[0] if deliveries.events else deliveries.malformed[0]
    return {
        "message_id": deliveries.batch.message_ids[position],
        "payment_id": named.payment_id,
        "event_id": named.event_id,
        "correlation_id": named.correlation_id,
    }


def _stalled(error: Exception) -> bool:
    return isinstance(error, LedgerStalled)


def _known(events: int, unseen: list[int]) -> bytes:
    """Turn the positions of unseen events into one byte for each event, 1 where it is known."""
    known = bytearray(b"\x01") * events
    for position in unseen:
        known[position] = 0
    return bytes(known)
