"""The flow: decode, ask what was seen, lock, judge, evaluate rules, write, mark. Batches in, outcomes out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import structlog

from payflow import _native
from payflow.errors import StoreRefused, StoreUnavailable
from payflow.ledger import Ledger, LedgerRaced
from payflow.pipeline.deliveries import Deliveries
from payflow.pipeline.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payflow.decoding import Decoder
    from payflow.events import PaymentEvent
    from payflow.intake.contract import Batch
    from payflow.pipeline.retry import RetryPolicy
    from payflow.telemetry.figures import Figures

RACES_MAX = 16
"""How often one batch is run again at once because another worker was first."""

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
    """Processes batches; several at a time, as long as a payment is only in one of them."""

    def __init__(
        self,
        stages: Stages,
        ledger_id: str,
        figures: Figures,
        retry: RetryPolicy,
        clock_ms: Callable[[], float] = lambda: time.time() * 1_000,
        observe: Observe | None = None,
    ) -> None:
        self._stages = stages
        self._ledger_id = ledger_id
        self._figures = figures
        self._retry = retry
        self._clock_ms = clock_ms
        self._observe = observe

    async def process(self, batch: Batch) -> Outcomes:
        """Decide every delivery of the batch. Raises neither for its content nor for a store that is away."""
        deliveries = Deliveries.of(batch, self._stages.decoder.decode(batch.bodies))
        return await self._decide(deliveries)

    async def _decide(self, deliveries: Deliveries) -> Outcomes:
        """Apply in one transaction; where the store refuses it, split until the culprit stands alone."""
        try:
            return await self._apply(deliveries)
        except StoreUnavailable as error:
            return self._again(deliveries, "store_unavailable", error)
        except Exception as error:  # noqa: BLE001 - whatever one delivery brings about, its neighbours go on
            if len(deliveries) == 1:
                kind = "store_refused" if isinstance(error, StoreRefused) else "unexpected"
                return self._again(deliveries, kind, error)
            self._figures.splits += 1
            outcomes = Outcomes()
            for half in deliveries.halves():
                outcomes.add(await self._decide(half))
            return outcomes

    async def _apply(self, deliveries: Deliveries) -> Outcomes:
        events = _native.Events(deliveries.events, deliveries.payloads)
        keys, fingerprints = events.mark_keys(self._ledger_id), events.fingerprints()
        known = _known(len(events), await self._stages.seen.unseen(keys, fingerprints))
        verdicts, alerts, outcomes = await self._commit(deliveries, events, known)
        committed_at_ms = self._clock_ms()
        if self._observe is not None:
            self._observe(deliveries.events, committed_at_ms)
        fresh = verdicts.to_mark()
        if fresh:
            # Only after the commit: a mark without its effect would lose the event.
            await self._stages.seen.mark([keys[i] for i in fresh], [fingerprints[i] for i in fresh])
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
        self, deliveries: Deliveries, events: _native.Events, known: bytes
    ) -> tuple[_native.Verdicts, _native.Alerts, Outcomes]:
        ledger, rules = self._stages.ledger, self._stages.rules()
        for _ in range(RACES_MAX):
            try:
                async with ledger.transaction() as transaction:
                    payments = await transaction.lock(events, known)
                    verdicts = _native.apply(events, payments, ledger.policies)
                    alerts = _native.evaluate(rules, verdicts)
                    refused = deliveries.refused(verdicts)
                    await transaction.write(verdicts, alerts, list(refused.values()))
            except LedgerRaced:
                self._figures.races += 1
                continue
            return verdicts, alerts, deliveries.outcomes(refused)
        raise StoreRefused(f"the batch lost {RACES_MAX} races for its payments")

    def _again(self, deliveries: Deliveries, kind: str, error: Exception) -> Outcomes:
        batch, positions = deliveries.batch, deliveries.positions()
        self._figures.failed(kind, len(positions))
        log.warning(
            "deliveries_retried",
            kind=kind,
            deliveries=len(positions),
            message_id=batch.message_ids[positions[0]] if len(positions) == 1 else None,
            error=str(error),
            exc_info=error if kind == "unexpected" else None,
        )
        return Outcomes(
            retries=[(batch.tokens[i], self._retry.delay_s(batch.receive_counts[i])) for i in positions]
        )


def _known(events: int, unseen: list[int]) -> bytes:
    """Turn the positions of unseen events into one byte for each event, 1 where it is known."""
    known = bytearray(b"\x01") * events
    for position in unseen:
        known[position] = 0
    return bytes(known)
