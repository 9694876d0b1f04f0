"""The oracle: what a payment's books must be, computed in closed form from the set of its facts.

It shares no code and no method with the payment machine. The machine folds facts one at a time and parks
what comes early; this takes them all at once, lets each operation keep its highest fact, and adds up. The
facts must be valid: the caller leaves out what contradicts the payment (the workload's `faulty` deliveries).
Duplicates do no harm.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payflow.workload.draft import Fact

AUTHORIZATION_ORDER = ("requested", "pending", "unknown", "failed", "succeeded")
MOVEMENT_ORDER = ("requested", "pending", "unknown", "succeeded", "failed")
"""Captures, refunds and releases: a failure undoes a success."""
STAGE_ORDER = ("inquiry", "chargeback", "pre_arbitration", "arbitration")
DISPUTE_URGENCY = ("open", "under_review", "inquiry", "lost", "won", "none")

_OUTSTANDING = frozenset({"requested", "pending", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The books of one payment: sums in minor units, status and dispute state in the machine's words."""

    authorized: int
    released: int
    captured: int
    capture_failed: int
    refunded: int
    disputed: int
    capture_pending: int
    refund_pending: int
    release_pending: int
    status: str
    dispute_state: str

    @property
    def capturable(self) -> int:
        """What may still be captured, holds taken off; below 0 only with an overcapture allowance."""
        return self.authorized - self.released - self.captured - self.capture_pending - self.release_pending

    def broken_bounds(self, overcapture_allowance: int = 0) -> list[str]:
        """Return the names of the invariants I1 to I3 (PAYMENTS 1.2) that do not hold."""
        bounds = {
            "I1": 0 <= self.released <= self.authorized,
            "I2": self.captured + self.released <= self.authorized + overcapture_allowance,
            "I3": self.refunded <= self.captured + self.capture_failed,
        }
        return [name for name, holds in bounds.items() if not holds]


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation at the highest state that any fact gave it."""

    state: str
    amount: int
    reason: str | None


def expected(facts: Iterable[Fact]) -> Expected:
    """Return the books of the one payment that the facts belong to; without facts, those of a created one."""
    distinct = list({(fact["source"], fact["event_id"]): fact for fact in facts}.values())
    authorizations = _operations(distinct, "authorization", AUTHORIZATION_ORDER)
    captures = _operations(distinct, "capture", MOVEMENT_ORDER)
    refunds = _operations(distinct, "refund", MOVEMENT_ORDER)
    movements = _operations(_released_as_succeeded(distinct), "release", MOVEMENT_ORDER)
    releases = sorted(
        (
            fact
            for fact in _of_type(distinct, "authorization.released")
            if movements[fact["source"], fact["operation_id"]].state == "succeeded"
        ),
        key=_release_order,
    )
    ups, downs = _adjusted(distinct, authorizations)
    authorized = _sum(authorizations, "succeeded") + ups
    released = _sum(movements, "succeeded") + downs
    release_pending = _sum(movements, *_OUTSTANDING)
    captured = _sum(captures, "succeeded")
    capture_pending = _sum(captures, *_OUTSTANDING)
    refunded = _sum(refunds, "succeeded")
    withdrawn = sum(_minor(fact) for fact in _of_type(distinct, "dispute.funds_withdrawn"))
    reinstated = sum(_minor(fact) for fact in _of_type(distinct, "dispute.funds_reinstated"))
    if captured > 0:
        capturable = authorized - released - captured - capture_pending - release_pending
        status = _status_of_captured(captured, refunded, capturable)
    elif authorized > 0:
        status = _status_of_authorized(authorized, released, releases)
    else:
        status = _status_of_attempts(list(authorizations.values()))
    return Expected(
        authorized=authorized,
        released=released,
        captured=captured,
        capture_failed=_sum(captures, "failed"),
        refunded=refunded,
        disputed=withdrawn - reinstated,
        capture_pending=capture_pending,
        refund_pending=_sum(refunds, *_OUTSTANDING),
        release_pending=release_pending,
        status=status,
        dispute_state=_dispute_state(distinct),
    )


def _operations(facts: list[Fact], family: str, order: tuple[str, ...]) -> dict[tuple[str, str], _Operation]:
    """Return the family's operations by source and id; a sale is an authorization and a capture in one."""
    claims: dict[tuple[str, str], list[tuple[int, Fact]]] = defaultdict(list)
    for fact in facts:
        kind, _, state = fact["type"].partition(".")
        told = kind == family or (kind == "sale" and family in ("authorization", "capture"))
        if told and state in order:
            claims[fact["source"], fact["operation_id"]].append((order.index(state), fact))
    return {key: _top(claim, order) for key, claim in claims.items()}


def _top(claims: list[tuple[int, Fact]], order: tuple[str, ...]) -> _Operation:
    """Return the operation at its highest rank; the earliest fact of that rank gives the reason."""
    rank = max(rank for rank, _ in claims)
    fact = min((fact for claimed, fact in claims if claimed == rank), key=_happened)
    return _Operation(order[rank], _minor(fact), fact.get("reason"))


def _adjusted(facts: list[Fact], authorizations: dict[tuple[str, str], _Operation]) -> tuple[int, int]:
    """Return how far adjustments moved the succeeded authorizations, ups and downs added up apart."""
    ups = downs = 0
    totals = {
        key: operation.amount for key, operation in authorizations.items() if operation.state == "succeeded"
    }
    for fact in sorted(_of_type(facts, "authorization.adjusted"), key=_happened):
        key = fact["source"], fact["operation_id"]
        if key in totals:
            change = _minor(fact) - totals[key]
            totals[key] = _minor(fact)
            ups += max(change, 0)
            downs += max(-change, 0)
    return ups, downs


def _status_of_captured(captured: int, refunded: int, capturable: int) -> str:
    if refunded >= captured:
        return "refunded"
    if refunded > 0:
        return "partially_refunded"
    return "partially_captured" if capturable > 0 else "captured"


def _status_of_authorized(authorized: int, released: int, releases: list[Fact]) -> str:
    if authorized > released:
        return "authorized"
    return "expired" if releases and releases[-1].get("reason") == "expired" else "voided"


def _status_of_attempts(attempts: list[_Operation]) -> str:
    outstanding = [attempt for attempt in attempts if attempt.state in _OUTSTANDING]
    if any(attempt.reason == "requires_action" for attempt in outstanding if attempt.state != "unknown"):
        return "requires_action"
    if outstanding:
        return "pending"
    return "failed" if attempts else "created"


def _dispute_state(facts: list[Fact]) -> str:
    """Return the most urgent state of all cases, each at the latest stage and status that it reached."""
    cases: dict[tuple[str, str], tuple[int, int, str]] = {}
    for fact in facts:
        kind, _, event = fact["type"].partition(".")
        if kind == "dispute" and not event.startswith("funds_"):
            stage, status = fact["dispute"]["stage"], fact["dispute"]["status"]
            reached = (STAGE_ORDER.index(stage), {"opened": 0, "under_review": 1}.get(status, 2), status)
            key = fact["source"], fact["operation_id"]
            cases[key] = max(cases.get(key, reached), reached)
    states = [_case_state(STAGE_ORDER[stage], status) for stage, _, status in cases.values()]
    return min(states, key=DISPUTE_URGENCY.index, default="none")


def _case_state(stage: str, status: str) -> str:
    """Return where one case stands. A lapsed inquiry cost nothing; a lapsed chargeback was never defended."""
    if status in ("opened", "under_review"):
        if stage == "inquiry":
            return "inquiry"
        return "open" if status == "opened" else "under_review"
    if status == "expired":
        return "won" if stage == "inquiry" else "lost"
    return "won" if status in ("won", "withdrawn") else "lost"


def _released_as_succeeded(facts: list[Fact]) -> list[Fact]:
    """Return the facts with the success of a release under the name that its other states have."""
    return [
        {**fact, "type": "release.succeeded"} if fact["type"] == "authorization.released" else fact
        for fact in facts
    ]


def _of_type(facts: list[Fact], kind: str) -> list[Fact]:
    return [fact for fact in facts if fact["type"] == kind]


def _minor(fact: Fact) -> int:
    amount: int = fact["amount"]["value"]
    return amount


def _sum(operations: dict[tuple[str, str], _Operation], *states: str) -> int:
    return sum(operation.amount for operation in operations.values() if operation.state in states)


def _happened(fact: Fact) -> tuple[datetime, str]:
    return datetime.fromisoformat(fact["occurred_at"]), fact["event_id"]


def _release_order(fact: Fact) -> tuple[datetime, str]:
    return datetime.fromisoformat(fact["occurred_at"]), fact["operation_id"]
