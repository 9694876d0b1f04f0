"""Deliveries that failed alone: each waits for its next attempt, here or there, or has had its last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from payflow.errors import StoreError
from payflow.intake.contract import Carried
from payflow.ledger import LedgerRaced, LedgerStalled
from payflow.ledger.deferral import DeferredRow
from payflow.pipeline.deliveries import letter_of
from payflow.pipeline.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import TypeAlias

    from payflow.ledger import DeadLetterRow
    from payflow.pipeline.attempts import Attempts
    from payflow.pipeline.deferral import Cause, Deferral
    from payflow.pipeline.deliveries import Deliveries
    from payflow.pipeline.retry import RetryPolicy
    from payflow.telemetry.figures import Figures

    RecordDead: TypeAlias = Callable[[Sequence[DeadLetterRow]], Awaitable[None]]
    RecordDeferred: TypeAlias = Callable[[str, Sequence[DeferredRow]], Awaitable[None]]

ERROR_LENGTH_MAX: Final = 500
"""Of what a failure says, as it is kept with a message that waits in the database."""

_NOTHING: Final = Carried(attempts=0, receives=0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Failure:
    """One delivery that could not be applied, and nothing else is to blame."""

    deliveries: Deliveries
    """The one delivery, alone."""
    kind: str
    """`store_refused`, `store_stalled` or `unexpected`."""
    error: Exception

    @property
    def counts(self) -> bool:
        """Whether it is an attempt of the message; a stalled statement may as well be the server's doing."""
        return not isinstance(self.error, LedgerStalled)

    @property
    def position(self) -> int:
        """Where the delivery stands in its batch."""
        (position,) = self.deliveries.positions()
        return position

    @property
    def token(self) -> int:
        """What the intake knows the delivery by."""
        return self.deliveries.batch.tokens[self.position]

    @property
    def message_id(self) -> str:
        """Under which the message was first sent."""
        return self.deliveries.batch.message_ids[self.position]

    @property
    def receives(self) -> int:
        """How often it was delivered, under whatever id."""
        return self.deliveries.batch.receive_counts[self.position]

    @property
    def carried(self) -> Carried:
        """What it has behind it from before it waited in the database."""
        return self.deliveries.batch.carried.get(self.position, _NOTHING)

    def waiting(self, cause: Cause, attempts: int, delay_s: int) -> DeferredRow:
        """Describe it as it waits in the database."""
        deliveries, position = self.deliveries, self.position
        named = deliveries.events[0] if deliveries.events else deliveries.malformed[0]
        return DeferredRow(
            message_id=self.message_id,
            cause=cause,
            reason=self.kind,
            error=str(self.error)[:ERROR_LENGTH_MAX],
            attempts=attempts,
            receives=self.receives,
            sent_at_ms=deliveries.batch.sent_at_ms[position],
            delay_s=delay_s,
            payment_id=named.payment_id,
            source=named.source,
            event_id=named.event_id,
            correlation_id=named.correlation_id,
            body=deliveries.batch.bodies[position],
        )


class Failures:
    """Decides on deliveries that failed alone.

    Args:
        policy: delays, and how many attempts a message has.
        attempts: counts them.
        figures: counts what happens.
        bury: writes rows of dead letters; raises a `StoreError` when it can't.
        defer: writes messages that wait in the database; raises a `StoreError` when it can't.
        deferral: says which messages wait there; without one none does.

    """

    def __init__(
        self,
        policy: RetryPolicy,
        attempts: Attempts,
        figures: Figures,
        *,
        bury: RecordDead,
        defer: RecordDeferred,
        deferral: Deferral | None = None,
    ) -> None:
        self._policy = policy
        self._attempts = attempts
        self._figures = figures
        self._record_dead = bury
        self._record_deferred = defer
        self._deferral = deferral

    async def decide(self, failures: Sequence[Failure]) -> Outcomes:
        """Retry each after a delay; dead-letter those whose attempts are used up. Never raises."""
        counted = [failure.message_id for failure in failures if failure.counts]
        counts = await self._attempts.failed(counted) if counted else []
        known = dict(zip(counted, counts, strict=True))
        outcomes = Outcomes()
        exhausted: list[tuple[Failure, int]] = []
        deferred: list[tuple[Failure, DeferredRow]] = []
        for failure in failures:
            attempts = _attempts_of(failure, known.get(failure.message_id))
            if failure.counts and attempts is not None:
                self._figures.failed_attempts.observe(attempts)
                if self._policy.is_exhausted(attempts):
                    exhausted.append((failure, attempts))
                    continue
            retry = self._retry(failure, attempts)
            row = self._deferred(failure, attempts, retry[1])
            if row is None:
                outcomes.retries.append(retry)
            else:
                deferred.append((failure, row))
        if exhausted:
            outcomes.add(await self._bury(exhausted))
        if deferred and self._deferral is not None:
            outcomes.add(await self._defer(self._deferral.queue, deferred))
        return outcomes

    def _retry(self, failure: Failure, attempts: int | None) -> tuple[int, int]:
        return failure.token, self._policy.delay_s(attempts or failure.receives)

    def _deferred(self, failure: Failure, attempts: int | None, delay_s: int) -> DeferredRow | None:
        """Describe it as it waits in the database, if that is where it should wait.

        One whose attempts nobody knows stays in the queue: nothing but its redrive policy can end it.
        """
        if self._deferral is None or attempts is None:
            return None
        cause = self._deferral.cause(
            delay_s=delay_s,
            receives=failure.receives - failure.carried.receives,
            attempts_left=self._policy.attempts_max - attempts,
            body_bytes=len(failure.deliveries.batch.bodies[failure.position]),
        )
        return None if cause is None else failure.waiting(cause, attempts, delay_s)

    async def _defer(self, queue: str, deferred: Sequence[tuple[Failure, DeferredRow]]) -> Outcomes:
        """Write the rows, and only then let the messages leave their queue; else they wait in it."""
        rows = [row for _, row in deferred]
        try:
            await self._record_deferred(queue, rows)
        except (StoreError, LedgerRaced) as error:
            log.warning("messages_not_deferred", stage="ledger", deliveries=len(rows), error=str(error))
            return Outcomes(retries=[(failure.token, row.delay_s) for failure, row in deferred])
        for row in rows:
            self._figures.deferred[row.cause] += 1
        log.info("messages_deferred", stage="ledger", deliveries=len(rows), message_id=rows[0].message_id)
        return Outcomes(done=[failure.token for failure, _ in deferred])

    async def _bury(self, exhausted: Sequence[tuple[Failure, int]]) -> Outcomes:
        """Write the rows before the messages are sent; without its row a message only waits once more."""
        rows = [
            failure.deliveries.exhausted(failure.kind, attempts, failure.error)
            for failure, attempts in exhausted
        ]
        try:
            await self._record_dead(rows)
        except (StoreError, LedgerRaced) as error:
            log.warning("dead_letters_unrecorded", stage="ledger", deliveries=len(rows), error=str(error))
            return Outcomes(retries=[self._retry(failure, attempts) for failure, attempts in exhausted])
        log.error("deliveries_exhausted", deliveries=len(rows), message_id=rows[0].message_id)
        return Outcomes(
            dead_letters=[
                letter_of(failure.token, row) for (failure, _), row in zip(exhausted, rows, strict=True)
            ]
        )


def _attempts_of(failure: Failure, counted: int | None) -> int | None:
    """Give the attempts that failed so far, None where nobody knows; what it carries is the least of them."""
    carried = failure.carried.attempts
    if not failure.counts:
        return carried
    return None if counted is None else max(counted, carried + 1)
