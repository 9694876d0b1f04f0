"""What a transaction needs beside its connection to judge and write as a worker does."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from payflow import _native
from payflow.ledger.ledger import LOCK, READ, LedgerTransaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from payflow.events import PaymentEvent
    from payflow.ledger.pool import Connection

_SQL: Final = files("payflow.ledger.commands") / "sql"
_PLAN_BY_KEY: Final = (_SQL / "plan_by_key.sql").read_text()
_STANDING: Final = (_SQL / "standing.sql").read_text()


class Fault(Protocol):
    """Why a payload is no event."""

    @property
    def path(self) -> str:
        """The JSON path at fault."""

    @property
    def rule(self) -> str:
        """The rule that is broken and the fix, for people."""


class Decoded(Protocol):
    """What decoding makes of payloads."""

    events: list[PaymentEvent]
    payloads: list[bytes]

    @property
    def malformed(self) -> Sequence[Fault]:
        """The payloads that are no events."""


class NotAnEvent(Exception):  # noqa: N818 - a verdict on what was asked for
    """What was to be written breaks a rule of the wire format; ``path`` and ``rule`` say which."""

    def __init__(self, fault: Fault) -> None:
        self.path = fault.path
        self.rule = fault.rule
        super().__init__(f"{fault.path}: {fault.rule}")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a payment stands under lock."""

    merchant_id: str | None
    source: str | None
    currency: str | None
    exponent: int
    status: str
    capturable_minor: int
    refundable_minor: int
    disputed_minor: int
    version: int
    """Facts and edits, as the API counts them."""


@dataclass(frozen=True)
class Machinery:
    """The payment machine with what stands beside it; one serves all transactions of a process."""

    policies: _native.Policies
    decode: Callable[[Sequence[bytes]], Decoded]
    """Reads an event as a worker does: what is written here has passed every rule of the wire."""
    clock: Callable[[], datetime]

    async def lock(self, connection: Connection, payment_id: str) -> LockedPayment:
        """Lock one payment, inside a transaction that is open already, and read all that decides.

        A payment that does not exist can't be locked; if somebody else creates it meanwhile, writing fails on
        the key (`LedgerRaced`).
        """
        await connection.execute(_PLAN_BY_KEY)
        ids = _literal(payment_id)
        locked = await connection.fetchrow(LOCK, ids)
        read = await connection.fetchrow(READ, ids, "{}", "{}", "{}")
        row = await connection.fetchrow(_STANDING, payment_id)
        # The first two aggregate over everything, so they always return one row.
        payments = _native.Payments.read_one(payment_id, tuple(locked or ()), tuple(read or ()))
        return LockedPayment(self, connection, payments, None if row is None else Standing(**row))


class LockedPayment:
    """One payment under lock, before its next event is known; takes one event."""

    def __init__(
        self,
        machinery: Machinery,
        connection: Connection,
        payments: _native.Payments,
        standing: Standing | None,
    ) -> None:
        self._machinery = machinery
        self._connection = connection
        self._payments = payments
        self.standing = standing
        """None when there is no such payment."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """The clock that the event is dated by."""
        return self._machinery.clock

    @property
    def connection(self) -> Connection:
        """The connection that holds the lock."""
        return self._connection

    def weigh(
        self, command: str, amount_minor: int | None
    ) -> tuple[tuple[str, str | None, int | None] | None, str | None]:
        """Tell what a command would become, as (event type, source, amount), or why it is refused."""
        return self._payments.weigh(command, amount_minor)

    async def apply(
        self, event: Mapping[str, object], rules: _native.RuleSet, actor: str
    ) -> _native.Verdicts:
        """Judge an event and write what follows from it, whatever the verdict, as a worker does.

        Raises:
            NotAnEvent: when it breaks a rule of the wire; nothing was written.

        """
        machinery = self._machinery
        decoded = machinery.decode([msgspec.json.encode(event)])
        for fault in decoded.malformed:
            raise NotAnEvent(fault)
        events = _native.Events(decoded.events, decoded.payloads)
        self._payments.deliver(events)
        verdicts = _native.apply(events, self._payments, machinery.policies)
        transaction = LedgerTransaction(self._connection, machinery.policies, machinery.clock, actor)
        await transaction.write(verdicts, _native.evaluate(rules, verdicts))
        return verdicts


def _literal(text: str) -> str:
    """Write an array literal of one text, as the ledger's statements take it."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{"{quoted}"}}'
