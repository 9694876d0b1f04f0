"""How operators take a fact out of parking: discard it, or link it to the payment that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from payflow import _native
from payflow.ledger.ledger import LedgerTransaction
from payflow.ledger.quarantine.parked import lock_payments, record_fact_action, take_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from payflow.ledger.pool import Connection
    from payflow.ledger.quarantine.parked import FactKey
    from payflow.ledger.quarantine.rehearsal import Decoded

__all__ = ["Linked", "discard_fact", "link_fact"]

REASON = "by_operator"


class Linked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of linking a fact."""

    done: bool
    """Whether it was applied to the other payment; if not, nothing was written."""
    verdict: str
    """What the machine said of it there; `not_parked` when the fact no longer waits."""
    reason: str


async def discard_fact(connection: Connection, key: FactKey, *, actor: str, note: str, now: datetime) -> bool:
    """Take a fact out of parking for good, with a row of the trail and the operator's note.

    Returns:
        Whether it still waited; if not, nothing was written.

    """
    async with connection.transaction():
        await lock_payments(connection, [key[0]])
        if not await take_out(connection, [key], "discarded", reason=REASON, actor=actor, now=now):
            return False
        await record_fact_action(connection, "parked_fact.discarded", key, actor=actor, note=note, now=now)
    return True


async def link_fact(
    connection: Connection,
    policies: _native.Policies,
    rules: _native.RuleSet,
    decode: Callable[[Sequence[bytes]], Decoded],
    clock: Callable[[], datetime],
    key: FactKey,
    to_payment_id: str,
    *,
    actor: str,
    note: str,
) -> Linked:
    """Apply a parked fact to another payment: the provider's reference led to the wrong one.

    The same event, of the same source and event id, is delivered to `to_payment_id` and leaves the payment
    on which it waited, in one transaction. It is written only if it applies there: whatever else the machine
    says of it, nothing changes and the fact goes on waiting where it is.
    """
    now = clock()
    moving = connection.transaction()
    await moving.start()
    try:
        await lock_payments(connection, [key[0], to_payment_id])
        left = await take_out(connection, [key], "linked", reason=REASON, actor=actor, now=now)
        if not left:
            await moving.rollback()
            return Linked(done=False, verdict="not_parked", reason="it does not wait there any more")
        payload = _of_payment(left[0]["payload"], to_payment_id)
        linked = await _deliver(
            LedgerTransaction(connection, policies, clock, actor), policies, rules, decode, payload
        )
        if not linked.done:
            await moving.rollback()
            return linked
        told = f"to {to_payment_id}: {linked.reason}; {note}"
        await record_fact_action(connection, "parked_fact.linked", key, actor=actor, note=told, now=now)
    except BaseException:
        await moving.rollback()
        raise
    await moving.commit()
    return linked


def _of_payment(payload: bytes, payment_id: str) -> bytes:
    """Give the event to another payment; every other field stays the bytes that it is."""
    fields = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    return msgspec.json.encode(fields | {"payment_id": msgspec.Raw(msgspec.json.encode(payment_id))})


async def _deliver(
    transaction: LedgerTransaction,
    policies: _native.Policies,
    rules: _native.RuleSet,
    decode: Callable[[Sequence[bytes]], Decoded],
    payload: bytes,
) -> Linked:
    """Judge one event as a worker does, and write it if it applies."""
    decoded = decode([payload])
    for fault in decoded.malformed:
        return Linked(done=False, verdict="malformed", reason=f"{fault.path}: {fault.rule}")
    events = _native.Events(decoded.events, decoded.payloads)
    verdicts = _native.apply(events, await transaction.lock(events, bytes(1)), policies)
    verdict, reason = verdicts.verdict(0)
    if verdict == "apply":
        await transaction.write(verdicts, _native.evaluate(rules, verdicts))
    return Linked(done=verdict == "apply", verdict=verdict, reason=reason)
