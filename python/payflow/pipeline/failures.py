"""Deliveries that failed alone: each waits for its next attempt, or has had its last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from payflow.errors import StoreError
from payflow.ledger import LedgerRaced, LedgerStalled
from payflow.pipeline.deliveries import letter_of
from payflow.pipeline.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from payflow.ledger import DeadLetterRow
    from payflow.pipeline.attempts import Attempts
    from payflow.pipeline.deliveries import Deliveries
    from payflow.pipeline.retry import RetryPolicy

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
        """What SQS knows the message by."""
        return self.deliveries.batch.message_ids[self.position]


class Failures:
    """Decides on deliveries that failed alone.

    Args:
        policy: delays, and how many attempts a message has.
        attempts: counts them.
        record: writes rows of dead letters; raises a `StoreError` when it can't.

    """

    def __init__(
        self,
        policy: RetryPolicy,
        attempts: Attempts,
        record: Callable[[Sequence[DeadLetterRow]], Awaitable[None]],
    ) -> None:
        self._policy = policy
        self._attempts = attempts
        self._record = record

    async def decide(self, failures: Sequence[Failure]) -> Outcomes:
        """Retry each after a delay; dead-letter those whose attempts are used up. Never raises."""
        counted = [failure.message_id for failure in failures if failure.counts]
        counts = await self._attempts.failed(counted) if counted else []
        known = dict(zip(counted, counts, strict=True))
        outcomes, exhausted = Outcomes(), []
        for failure in failures:
            attempts = known.get(failure.message_id)
            if attempts is not None and self._policy.is_exhausted(attempts):
                exhausted.append((failure, attempts))
            else:
                outcomes.retries.append(self._retry(failure, attempts))
        if exhausted:
            outcomes.add(await self._bury(exhausted))
        return outcomes

    def _retry(self, failure: Failure, attempts: int | None) -> tuple[int, int]:
        receives = failure.deliveries.batch.receive_counts[failure.position]
        return failure.token, self._policy.delay_s(attempts or receives)

    async def _bury(self, exhausted: Sequence[tuple[Failure, int]]) -> Outcomes:
        """Write the rows before the messages are sent; without its row a message only waits once more."""
        rows = [
            failure.deliveries.exhausted(failure.kind, attempts, failure.error)
            for failure, attempts in exhausted
        ]
        try:
            await self._record(rows)
        except (StoreError, LedgerRaced) as error:
            log.warning("dead_letters_unrecorded", stage="ledger", deliveries=len(rows), error=str(error))
            return Outcomes(retries=[self._retry(failure, attempts) for failure, attempts in exhausted])
        log.error("deliveries_exhausted", deliveries=len(rows), message_id=rows[0].message_id)
        return Outcomes(
            dead_letters=[
                letter_of(failure.token, row) for (failure, _), row in zip(exhausted, rows, strict=True)
            ]
        )
