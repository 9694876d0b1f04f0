"""Takes in what SQS moved to the dead-letter queue by itself: rows first, then the messages go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from payflow.intake.dead_letter_queue import delete_messages, receive_redriven
from payflow.ledger.dead_letters import DeadLetterRow, insert_dead_letters
from payflow.ledger.faults import as_store_errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payflow.decoding import Decoder
    from payflow.intake.dead_letter_queue import Redriven
    from payflow.ledger.pool import Connection

__all__ = ["CLASS", "HIDDEN_S", "TakenIn", "take_in"]

CLASS = "exhausted"
REASON = "receives_exhausted"
HIDDEN_S = 900
"""How long messages that were looked at stay hidden: what workers sent is passed over for that long."""


@dataclass
class TakenIn:
    """What came of one round."""

    received: int = 0
    own: int = 0
    """Letters that workers sent; they have their rows, and stay in the queue."""
    listed: int = 0
    """New rows of class `exhausted`."""
    kept: int = 0
    """Messages that SQS did not delete; they come again and are not listed twice."""

    @property
    def known(self) -> int:
        """Messages that had their row already: an earlier round ended before it deleted them."""
        return self.received - self.own - self.listed


async def take_in(
    connection: Connection,
    sqs: Any,
    url: str,
    decoder: Decoder,
    clock: Callable[[], datetime],
    *,
    messages_max: int,
    hidden_s: int = HIDDEN_S,
) -> TakenIn:
    """Write a row for each message that SQS moved, commit, and only then delete it.

    A round that dies in between finds the message again, its row by the message id, and deletes it.

    Raises:
        QueueError: SQS doesn't answer, or the queue isn't there.
        StoreError: the database doesn't take the rows; nothing of them was deleted.

    """
    taken = TakenIn()
    while taken.received < messages_max:
        received, redriven = await receive_redriven(sqs, url, hidden_s=hidden_s)
        if not received:
            break
        taken.received += received
        taken.own += received - len(redriven)
        if not redriven:
            continue
        rows = _rows(redriven, decoder)
        with as_store_errors():
            async with connection.transaction():
                taken.listed += await insert_dead_letters(connection, rows, clock())
        taken.kept += await delete_messages(sqs, url, [message.receipt for message in redriven])
    return taken


def _rows(redriven: list[Redriven], decoder: Decoder) -> list[DeadLetterRow]:
    """Name each message's event as far as it can be read."""
    decoded = decoder.decode([message.body for message in redriven])
    named = {fault.index: fault for fault in decoded.malformed} | dict(
        zip(decoded.indexes, decoded.events, strict=True)
    )
    return [
        DeadLetterRow(
            klass=CLASS,
            reason=REASON,
            path=None,
            rule=(
                "no worker decided it within the receives that the queue allows: "
                "find its message id in the workers' logs, mend what failed, then replay it"
            ),
            payment_id=named[place].payment_id,
            source=named[place].source,
            event_id=named[place].event_id,
            correlation_id=named[place].correlation_id,
            message_id=message.message_id,
            receive_count=message.receive_count,
            sent_at_ms=message.sent_at_ms,
            body=message.body,
        )
        for place, message in enumerate(redriven)
    ]
