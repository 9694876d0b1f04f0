"""What a replay would do, found out by doing all of it but the writing."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Protocol

import msgspec

from payflow import _native
from payflow.ledger.ledger import LedgerTransaction
from payflow.ledger.quarantine.statements import statement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from payflow.events import PaymentEvent
    from payflow.ledger.pool import Connection
    from payflow.ledger.quarantine.letters import LetterBody

__all__ = ["Foreseen", "Moved", "Rehearsal", "rehearse"]

SUMS = (
    "authorized_minor", "released_minor", "captured_minor", "capture_failed_minor", "refunded_minor",
    "disputed_minor", "capture_pending_minor", "refund_pending_minor", "release_pending_minor",
)  # fmt: skip
"""In the order in which the machine tells them; the overcapture allowance behind them is no money."""

_STANDING = statement("standing")


class Unreadable(Protocol):
    """A body that is no event, and why."""

    @property
    def index(self) -> int:
        """Its place among the bodies."""

    @property
    def reason(self) -> str:
        """Slug of what is wrong with it."""

    @property
    def path(self) -> str:
        """The JSON path at fault."""

    @property
    def rule(self) -> str:
        """The rule that it breaks and the fix."""


class Decoded(Protocol):
    """What decoding makes of bodies; the first three lists run side by side."""

    events: list[PaymentEvent]
    payloads: list[bytes]
    indexes: list[int]
    """Place of each event among the bodies."""

    @property
    def malformed(self) -> Sequence[Unreadable]:
        """The bodies that are no events."""


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of one dead letter."""

    dead_letter_id: int
    verdict: str
    reason: str
    rule: str | None = None
    """Where it is malformed: the rule and the fix."""
    payment_id: str | None = None
    event_id: str | None = None
    source: str | None = None
    type: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    exponent: int | None = None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """By how much one sum of all payments in one currency would change."""

    currency: str
    exponent: int
    sum: str
    """A column of `payment_transactions`, such as `captured_minor`."""
    change_minor: int


class Rehearsal:
    """What replaying some dead letters would do; grows by one batch at a time."""

    def __init__(self) -> None:
        self.foreseen: list[Foreseen] = []
        self.parked_freed: Counter[str] = Counter()
        """Parked facts that would leave parking, by verdict."""
        self._moved: defaultdict[tuple[str, int, str], int] = defaultdict(int)

    @property
    def verdicts(self) -> Counter[str]:
        """Letters by what would become of them."""
        return Counter(foreseen.verdict for foreseen in self.foreseen)

    @property
    def moved(self) -> list[Moved]:
        """The sums that would change, by currency."""
        return [
            Moved(currency=currency, exponent=exponent, sum=name, change_minor=change)
            for (currency, exponent, name), change in sorted(self._moved.items())
            if change
        ]

    def move(self, currency: str, exponent: int, name: str, change_minor: int) -> None:
        """Add to one sum."""
        self._moved[currency, exponent, name] += change_minor


async def rehearse(
    connection: Connection,
    policies: _native.Policies,
    decode: Callable[[Sequence[bytes]], Decoded],
    clock: Callable[[], datetime],
    letters: Sequence[LetterBody],
    rehearsal: Rehearsal,
) -> None:
    """Decode, lock, read and judge as the worker does, add what came of it, and take everything back.

    The payments are locked for as long as the judging takes, so batches should stay in the hundreds. Each
    batch is judged on what is booked: two letters of which the second needs the first have to be in one.
    """
    decoded = decode([letter.body for letter in letters])
    rehearsal.foreseen += [
        Foreseen(
            dead_letter_id=letters[fault.index].dead_letter_id,
            verdict="malformed",
            reason=fault.reason,
            rule=f"{fault.path}: {fault.rule}",
        )
        for fault in decoded.malformed
    ]
    events = _native.Events(decoded.events, decoded.payloads)
    unwritten = connection.transaction()
    await unwritten.start()
    try:
        transaction = LedgerTransaction(connection, policies, clock, "rehearsal")
        payments = await transaction.lock(events, bytes(len(events)))
        verdicts = _native.apply(events, payments, policies)
        payment_ids = [standing[0] for standing in verdicts.payments()]
        rows = await connection.fetch(_STANDING, payment_ids)
    finally:
        await unwritten.rollback()
    for index, event in enumerate(decoded.events):
        letter = letters[decoded.indexes[index]]
        rehearsal.foreseen.append(_foreseen(letter, event, *verdicts.verdict(index)))
    rehearsal.foreseen.sort(key=lambda foreseen: foreseen.dead_letter_id)
    rehearsal.parked_freed.update(verdicts.rejudged_counts())
    _add_changes(rehearsal, {row["payment_id"]: dict(row) for row in rows}, verdicts, decoded.events)


def _foreseen(letter: LetterBody, event: PaymentEvent, verdict: str, reason: str) -> Foreseen:
    amount = event.amount
    return Foreseen(
        dead_letter_id=letter.dead_letter_id,
        verdict=verdict,
        reason=reason,
        payment_id=event.payment_id,
        event_id=event.event_id,
        source=event.source,
        type=event.type,
        amount_minor=amount.value if amount else None,
        currency=amount.currency if amount else None,
        exponent=amount.exponent if amount else None,
    )


def _add_changes(
    rehearsal: Rehearsal,
    before: dict[str, dict[str, object]],
    verdicts: _native.Verdicts,
    events: Sequence[PaymentEvent],
) -> None:
    """Add what would change between the payments as booked and as judged."""
    creating = {
        event.payment_id: event.amount
        for index, event in enumerate(events)
        if event.amount is not None and verdicts.verdict(index) == ("apply", "payment_created")
    }
    for payment_id, sums, _status, _dispute_status, _version, _waiting in verdicts.payments():
        booked = before.get(payment_id, {})
        created = creating.get(payment_id)
        if created is not None:
            currency, exponent = created.currency, created.exponent
        elif booked.get("currency") is not None:
            currency, exponent = str(booked["currency"]), int(str(booked["exponent"]))
        else:
            continue  # not created: only facts that wait
        for name, after in zip(SUMS, sums, strict=False):
            rehearsal.move(currency, exponent, name, after - int(str(booked.get(name, 0))))
