"""A payment history while it is being written: the words in which the stories of `stories/` are told.

Each method appends the facts of one operation and returns the operation's id. Nothing here checks bounds: a
story says how much, and the tests hold every story to the payment machine's rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from payflow.workload.chance import Weighted

if TYPE_CHECKING:
    from random import Random

    from payflow.workload.identifiers import Identifiers
    from payflow.workload.sources import SourceProfile

Fact = dict[str, Any]
"""One payment event as EVENTS.md has it, ready for JSON."""

_OPENINGS = Weighted[tuple[tuple[str, str | None], ...]](
    {
        (): 45.0,
        (("pending", None),): 32.0,
        (("requested", None), ("pending", None)): 12.0,
        (("pending", "requires_action"),): 8.0,
        (("unknown", "timeout"),): 3.0,
    }
)
"""What is heard of an authorization, with its reason, before it succeeds."""

DECLINES = Weighted(
    {
        "insufficient_funds": 40.0,
        "do_not_honor": 30.0,
        "expired_card": 12.0,
        "authentication_failed": 10.0,
        "suspected_fraud": 8.0,
    }
)
CAPTURE_PENDING_SHARE = 0.3
REFUND_PENDING_SHARE = 0.4


@dataclass(slots=True)
class Draft:
    """A history of one payment of `total_minor` through `source`."""

    random: Random
    identifiers: Identifiers
    source: SourceProfile
    now_ms: int
    common: Fact
    """The fields that every fact of the payment carries."""
    currency: str
    exponent: int
    total_minor: int
    facts: list[Fact] = field(default_factory=list)

    def add(
        self,
        kind: str,
        operation_id: str,
        amount_minor: int | None,
        *,
        parent_id: str | None = None,
        reason: str | None = None,
        dispute: dict[str, str] | None = None,
    ) -> None:
        """Append one fact; its `occurred_at` is set when the stream's clock gets there."""
        fact: Fact = {
            "event_id": self.identifiers.event(self.now_ms),
            "type": kind,
            "operation_id": operation_id,
            **self.common,
        }
        if amount_minor is not None:
            fact["amount"] = {"value": amount_minor, "currency": self.currency, "exponent": self.exponent}
        if parent_id is not None:
            fact["parent_id"] = parent_id
        if reason is not None:
            fact["reason"] = reason
        if dispute is not None:
            fact["dispute"] = dispute
        self.facts.append(fact)

    def new_id(self, family: str) -> str:
        """Return a fresh operation id of the family."""
        return self.identifiers.operation(self.source, family)

    def chance(self, share: float) -> bool:
        """Return true in `share` of the calls."""
        return self.random.random() < share

    def part(self, whole_minor: int, low: float = 0.2, high: float = 0.8) -> int:
        """Return a part between `low` and `high` of the whole, at least 1."""
        share = low + (high - low) * self.random.random()
        return max(1, int(whole_minor * share))

    def split(self, whole_minor: int, parts: int) -> list[int]:
        """Cut the whole into that many parts of at least 1; the whole must be at least `parts`."""
        cuts = sorted(self.random.sample(range(1, whole_minor), parts - 1))
        return [high - low for low, high in zip([0, *cuts], [*cuts, whole_minor], strict=True)]

    def authorize(self, amount_minor: int | None = None) -> str:
        """Authorize the amount, by default the total, with or without news before the success."""
        amount_minor = self.total_minor if amount_minor is None else amount_minor
        operation_id = self.new_id("authorization")
        for state, reason in _OPENINGS.draw(self.random):
            self.add(f"authorization.{state}", operation_id, amount_minor, reason=reason)
        self.add("authorization.succeeded", operation_id, amount_minor)
        return operation_id

    def decline(self) -> str:
        """Let an attempt fail."""
        operation_id = self.new_id("authorization")
        if self.chance(CAPTURE_PENDING_SHARE):
            self.add("authorization.pending", operation_id, self.total_minor)
        reason = DECLINES.draw(self.random)
        self.add("authorization.failed", operation_id, self.total_minor, reason=reason)
        return operation_id

    def capture(self, authorization_id: str, amount_minor: int) -> str:
        """Capture the amount."""
        operation_id = self.new_id("capture")
        if self.chance(CAPTURE_PENDING_SHARE):
            self.add("capture.pending", operation_id, amount_minor, parent_id=authorization_id)
        self.add("capture.succeeded", operation_id, amount_minor, parent_id=authorization_id)
        return operation_id

    def release(self, authorization_id: str, amount_minor: int, reason: str) -> str:
        """Give the amount back uncaptured."""
        operation_id = self.new_id("release")
        self.add(
            "authorization.released", operation_id, amount_minor, parent_id=authorization_id, reason=reason
        )
        return operation_id

    def refund(self, capture_id: str, amount_minor: int) -> str:
        """Refund the amount."""
        operation_id = self.new_id("refund")
        if self.chance(REFUND_PENDING_SHARE):
            self.add("refund.pending", operation_id, amount_minor, parent_id=capture_id)
        self.add("refund.succeeded", operation_id, amount_minor, parent_id=capture_id)
        return operation_id

    def paid(self) -> str:
        """Take the total as a sale or as an authorization with its capture; return the capture's id."""
        if self.chance(0.3):
            operation_id = self.new_id("capture")
            self.add("sale.succeeded", operation_id, self.total_minor)
            return operation_id
        return self.capture(self.authorize(), self.total_minor)
