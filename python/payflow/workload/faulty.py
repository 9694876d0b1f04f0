"""Well-formed facts that contradict their payment: each must surface, and none may change a sum.

A faulty fact is meant to be delivered after the whole history that it contradicts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from payflow.workload.draft import Fact
    from payflow.workload.histories import Historian, History

_ENDS = ("won", "lost", "accepted", "expired", "withdrawn")
_OVERCAPTURE_FACTOR = 20
"""Beyond every amount that a story's adjustments reach."""
_UNCOUNTED = (
    "authorization.adjusted",
    "dispute.inquiry",
    "dispute.opened",
    "dispute.updated",
    "dispute.closed",
)
"""Facts whose amount may differ from an earlier one of the same operation id without a contradiction."""


def _changed(fact: Fact, **changes: object) -> Fact:
    return {**fact, **changes}


def _capture(
    historian: Historian, history: History, now_ms: int, *, factor: int, currency: str | None = None
) -> Fact:
    """Return a capture of a new operation, `factor` times as large as the payment's first amount."""
    first = history.facts[0]
    amount = {**first["amount"], "value": first["amount"]["value"] * factor}
    if currency is not None:
        amount |= {"currency": currency, "exponent": history.source.exponent(currency)}
    return _changed(
        first,
        event_id=historian.identifiers.event(now_ms),
        type="capture.succeeded",
        operation_id=historian.identifiers.operation(history.source, "capture"),
        amount=amount,
    )


def other_currency(historian: Historian, history: History, now_ms: int) -> Fact:
    """Return a capture in a currency that is not the payment's: IMPOSSIBLE."""
    paid_in = history.facts[0]["amount"]["currency"]
    currency = next(code for code in history.source.currencies if code != paid_in)
    return _capture(historian, history, now_ms, factor=1, currency=currency)


def other_payload(historian: Historian, history: History, now_ms: int) -> Fact:
    """Return an event id that was used before, with another amount: CONFLICT."""
    del historian, now_ms
    first = history.facts[0]
    return _changed(first, amount={**first["amount"], "value": first["amount"]["value"] + 1})


def over_capture(historian: Historian, history: History, now_ms: int) -> Fact:
    """Return a capture far above the authorization: IMPOSSIBLE, or parked where the source can adjust."""
    return _capture(historian, history, now_ms, factor=_OVERCAPTURE_FACTOR)


def reused_operation(historian: Historian, history: History, now_ms: int) -> Fact:
    """Return a new event that states another amount for a known operation: CONFLICT."""
    fact = next(fact for fact in reversed(history.facts) if fact["type"] not in _UNCOUNTED)
    amount = {**fact["amount"], "value": fact["amount"]["value"] + 1}
    return _changed(fact, event_id=historian.identifiers.event(now_ms), amount=amount)


def other_dispute_end(historian: Historian, history: History, now_ms: int) -> Fact:
    """Return another end of a closed dispute stage: CONFLICT. Where none was closed, reuse an operation."""
    closed = next((fact for fact in history.facts if fact["type"] == "dispute.closed"), None)
    if closed is None:
        return reused_operation(historian, history, now_ms)
    status = next(end for end in _ENDS if end != closed["dispute"]["status"])
    dispute = {**closed["dispute"], "status": status}
    return _changed(closed, event_id=historian.identifiers.event(now_ms), dispute=dispute)


def orphan(historian: Historian, history: History, now_ms: int) -> Fact:
    """Return a capture of a payment that nothing else is ever heard of: parked, orphaned in the end."""
    fact = _capture(historian, history, now_ms, factor=1)
    return _changed(fact, payment_id=historian.identifiers.payment(now_ms))


FAULTS: Mapping[str, Callable[[Historian, History, int], Fact]] = {
    fault.__name__: fault
    for fault in (other_currency, other_payload, over_capture, reused_operation, other_dispute_end, orphan)
}
"""Makers of faulty facts, by name; each takes the historian, the history that it contradicts and Unix ms."""

_MAKERS = tuple(FAULTS.values())


def any_fault(random: Random, historian: Historian, history: History, now_ms: int) -> Fact:
    """Return a faulty fact of a kind drawn evenly."""
    return random.choice(_MAKERS)(historian, history, now_ms)
