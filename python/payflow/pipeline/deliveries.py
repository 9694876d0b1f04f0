"""A decoded batch on its way through the stages, and the parts that it is split into when refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payflow.intake.contract import DeadLetter
from payflow.ledger import DeadLetterRow
from payflow.pipeline.outcomes import Outcomes

if TYPE_CHECKING:
    from payflow import _native
    from payflow.decoding import Decoded, Malformed
    from payflow.events import PaymentEvent
    from payflow.intake.contract import Batch


@dataclass(frozen=True)
class Deliveries:
    """Some of a batch's deliveries: events side by side with their payloads, and malformed ones."""

    batch: Batch
    events: list[PaymentEvent]
    payloads: list[bytes]
    indexes: list[int]
    malformed: list[Malformed]

    @classmethod
    def of(cls, batch: Batch, decoded: Decoded) -> Deliveries:
        """Join a batch with what decoding made of it."""
        return cls(batch, decoded.events, decoded.payloads, decoded.indexes, decoded.malformed)

    def __len__(self) -> int:
        return len(self.events) + len(self.malformed)

    def positions(self) -> list[int]:
        """Where each delivery stands in its batch."""
        return self.indexes + [malformed.index for malformed in self.malformed]

    def without(self, places: set[int]) -> Deliveries:
        """Leave out the events at these places."""
        kept = [place for place in range(len(self.events)) if place not in places]
        return Deliveries(
            self.batch,
            [self.events[place] for place in kept],
            [self.payloads[place] for place in kept],
            [self.indexes[place] for place in kept],
            self.malformed,
        )

    def halves(self) -> tuple[Deliveries, Deliveries]:
        """Split in two; malformed ones stay apart from events, since they can't be what the store refused."""
        if self.malformed and self.events:
            return self._part(0, len(self.events)), Deliveries(self.batch, [], [], [], self.malformed)
        if self.malformed:
            middle = len(self.malformed) // 2
            return (
                Deliveries(self.batch, [], [], [], self.malformed[:middle]),
                Deliveries(self.batch, [], [], [], self.malformed[middle:]),
            )
        middle = len(self.events) // 2
        return self._part(0, middle), self._part(middle, len(self.events))

    def _part(self, start: int, end: int) -> Deliveries:
        part = slice(start, end)
        return Deliveries(self.batch, self.events[part], self.payloads[part], self.indexes[part], [])

    def refused(self, verdicts: _native.Verdicts) -> dict[int, DeadLetterRow]:
        """List what no retry can help, by place in the batch: malformed deliveries and quarantined ones."""
        rows = {
            malformed.index: self._row(
                malformed.index, "malformed", malformed.reason, malformed.path, malformed.rule, malformed
            )
            for malformed in self.malformed
        }
        for event_index, klass, reason, path in verdicts.quarantined():
            position = self.indexes[event_index]
            rows[position] = self._row(position, klass, reason, path, None, self.events[event_index])
        return rows

    def come_again(self, *, anew: bool) -> dict[str, int]:
        """List events that may have been decided before: their places among the events, by message id.

        They were received before, or are run `anew` since nobody knows whether they were committed.
        """
        batch = self.batch
        return {
            batch.message_ids[position]: place
            for place, position in enumerate(self.indexes)
            if anew or batch.receive_counts[position] > 1
        }

    def quarantined_again(
        self, place: int, klass: str, reason: str, path: str | None
    ) -> tuple[int, DeadLetterRow]:
        """Describe an event that was quarantined before, with its position in the batch."""
        position = self.indexes[place]
        return position, self._row(position, klass, reason, path, None, self.events[place])

    def exhausted(self, kind: str, attempts: int, error: Exception) -> DeadLetterRow:
        """Describe the one delivery here; its attempts are used up, and the last one died of `kind`."""
        (position,) = self.positions()
        return self._row(
            position,
            "exhausted",
            kind,
            None,
            f"{attempts} attempts failed, the last one with: {error}; cure the cause, then replay it",
            self.events[0] if self.events else self.malformed[0],
        )

    def _row(
        self,
        position: int,
        klass: str,
        reason: str,
        path: str | None,
        rule: str | None,
        named: Malformed | PaymentEvent,
    ) -> DeadLetterRow:
        return DeadLetterRow(
            klass=klass,
            reason=reason,
            path=path,
            rule=rule,
            payment_id=named.payment_id,
            source=named.source,
            event_id=named.event_id,
            correlation_id=named.correlation_id,
            message_id=self.batch.message_ids[position],
            receive_count=self.batch.receive_counts[position],
            sent_at_ms=self.batch.sent_at_ms[position],
            body=self.batch.bodies[position],
        )

    def outcomes(self, refused: dict[int, DeadLetterRow]) -> Outcomes:
        """Acknowledge what was decided, and dead-letter what was refused."""
        tokens = self.batch.tokens
        return Outcomes(
            done=[tokens[position] for position in self.positions() if position not in refused],
            dead_letters=[letter_of(tokens[position], row) for position, row in refused.items()],
        )


def letter_of(token: int, row: DeadLetterRow) -> DeadLetter:
    """Turn a row into the message that goes to the dead-letter queue."""
    return DeadLetter(
        token=token,
        body=row.body,
        klass=row.klass,
        reason=row.rule or row.reason,
        path=row.path or "",
        message_id=row.message_id,
        correlation_id=row.correlation_id or "",
        payment_id=row.payment_id or "",
        event_id=row.event_id or "",
    )
