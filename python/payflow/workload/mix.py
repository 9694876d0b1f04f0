"""What a stream is made of: shares of everything that can happen, each between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from payflow.workload.sources import SOURCES
from payflow.workload.stories import STORIES

if TYPE_CHECKING:
    from collections.abc import Mapping

STORY_WEIGHTS: Mapping[str, float] = {
    "captured": 34.0,
    "sale": 11.0,
    "authorized_only": 2.0,
    "voided": 4.0,
    "expired": 2.0,
    "failed": 6.0,
    "pending": 0.8,
    "requires_action": 0.8,
    "unknown": 0.4,
    "late_authorization": 0.5,
    "several_attempts": 5.0,
    "multi_capture": 5.0,
    "partial_capture": 5.0,
    "incremental_authorization": 3.5,
    "additional_authorization": 0.5,
    "adjusted_after_reversal": 0.2,
    "capture_failed": 0.8,
    "capture_reversed": 0.4,
    "capture_reversed_after_refund": 0.1,
    "refunded": 5.0,
    "partially_refunded": 5.0,
    "refunded_in_parts": 2.0,
    "refund_pending": 0.8,
    "refund_failed": 0.6,
    "refund_reversed": 0.4,
    "dispute_inquiry": 0.8,
    "dispute_open": 0.6,
    "dispute_won": 0.8,
    "dispute_lost": 1.0,
    "dispute_second_chargeback": 0.3,
    "dispute_arbitration": 0.2,
    "dispute_of_parts": 0.2,
}
"""Relative weights of the kinds of histories."""

SOURCE_WEIGHTS: Mapping[str, float] = {"stripe": 45.0, "adyen": 32.0, "razorpay": 16.0, "sumup": 7.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Shares of a stream; the defaults are the benchmark's, `DEMO_MIX` adds what only a demonstration wants.

    Raises:
        ValueError: a share outside 0 to 1, no merchants, or an unknown story or source.

    """

    stories: Mapping[str, float] = field(default_factory=lambda: dict(STORY_WEIGHTS))
    """Relative weights of the kinds of histories, by name."""
    sources: Mapping[str, float] = field(default_factory=lambda: dict(SOURCE_WEIGHTS))
    """Relative weights of the sources; kinds that adjust authorizations draw among the adjustable ones."""
    duplicates: float = 0.03
    """Facts delivered once more, as a share of facts."""
    late: float = 0.05
    """Facts delivered after a fact of the same payment that happened later, as a share of facts."""
    bad: float = 0.0
    """Malformed messages, as a share of deliveries."""
    faulty: float = 0.0002
    """Well-formed facts that contradict their payment, as a share of facts."""
    envelopes: float = 0.0
    """Facts wrapped as CloudEvents, SNS or EventBridge messages, as a share of facts."""
    merchants: int = 500
    merchant_exponent: float = 1.07
    """Zipf exponent of the merchants' sizes."""

    def __post_init__(self) -> None:
        for name in ("duplicates", "late", "bad", "faulty", "envelopes"):
            share = getattr(self, name)
            if not 0.0 <= share < 1.0:
                raise ValueError(f"{name}: a share is at least 0 and below 1, got {share}; pass 0.03 for 3 %")
        if self.merchants < 1:
            raise ValueError(f"merchants: at least 1, got {self.merchants}")
        for name, chosen, known in (("stories", self.stories, STORIES), ("sources", self.sources, SOURCES)):
            unknown = sorted(set(chosen) - set(known))
            if unknown:
                raise ValueError(f"{name}: {', '.join(unknown)} unknown; choose among {', '.join(known)}")


BENCH_MIX = Mix()
"""What `payflow bench` sends: nothing malformed, no envelopes."""

DEMO_MIX = Mix(bad=0.001, envelopes=0.03, faulty=0.0005)
"""What `payflow up --demo` sends."""
