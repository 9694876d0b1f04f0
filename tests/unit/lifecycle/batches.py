"""Runs facts through decoder and payment machine as the pipeline does, batch by batch, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import orjson
from payflow import _native
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.lifecycle import policies_of
from payflow.workload import Expected

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from payflow.workload import History
    from payflow.workload.draft import Fact

SOURCES = Sources.load()
POLICIES = policies_of(SOURCES)
DECODER = Decoder(SOURCES, lambda: datetime(2027, 1, 1, tzinfo=UTC))
SUMS = (
    "authorized",
    "released",
    "captured",
    "capture_failed",
    "refunded",
    "disputed",
    "capture_pending",
    "refund_pending",
    "release_pending",
)
"""The sums of a payment that the oracle knows, in the binding's order."""


class Delivered(NamedTuple):
    """What became of one delivery, or of a parked fact that a delivery set free."""

    event_id: str
    verdict: str
    reason: str


class Run:
    """Batches, each judged on what the ones before left."""

    def __init__(self) -> None:
        self._verdicts: _native.Verdicts | None = None
        self.delivered: list[Delivered] = []

    def batch(self, facts: Iterable[Fact], marked: Container[str] = ()) -> None:
        """Judge a batch; Redis has marks of the events in `marked`."""
        decoded = DECODER.decode([orjson.dumps(fact) for fact in facts])
        assert decoded.malformed == []
        events = _native.Events(decoded.events, decoded.payloads)
        known = bytes(event.event_id in marked for event in decoded.events)
        payments = _native.Payments.after(self._verdicts, events, known)
        self._verdicts = verdicts = _native.apply(events, payments, POLICIES)
        for place, event in enumerate(decoded.events):
            self.delivered.append(Delivered(event.event_id, *verdicts.verdict(place)))
        self.delivered += [Delivered(row[2], row[4], row[5]) for row in verdicts.rejudged()]

    def books(self) -> dict[str, Expected]:
        """Give every payment in the oracle's words."""
        return {
            payment_id: Expected(
                **dict(zip(SUMS, sums[: len(SUMS)], strict=True)), status=status, dispute_state=dispute_state
            )
            for payment_id, sums, status, dispute_state, _, _ in self._standing()
        }

    def parked(self) -> dict[str, int]:
        """Give the payments with facts that wait, and how many."""
        return {payment_id: count for payment_id, _, _, _, _, count in self._standing() if count}

    def versions(self) -> dict[str, int]:
        """Give how many facts have changed each payment."""
        return {payment_id: version for payment_id, _, _, _, version, _ in self._standing()}

    def _standing(self) -> list[tuple[str, list[int], str, str, int, int]]:
        return [] if self._verdicts is None else self._verdicts.payments()


def in_batches(facts: list[Fact], sizes: list[int]) -> Iterable[list[Fact]]:
    """Cut facts into batches of these sizes, taken round and round."""
    start = 0
    for number in range(len(facts)):
        if start >= len(facts):
            return
        end = start + sizes[number % len(sizes)]
        yield facts[start:end]
        start = end


def facts_of(histories: Iterable[History]) -> list[Fact]:
    """Give all facts of the histories, one history after the other."""
    return [fact for history in histories for fact in history.facts]
