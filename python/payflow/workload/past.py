"""A past to fill books with: payments spread over a span of time, each delivered whole within a stretch.

A stretch holds some thousand payments and all that was ever delivered of them, in the order in which it came
in: late, twice, or in contradiction now and then, as a live stream does. So a stretch can be judged and
written on its own, and memory stays bounded however many there are.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import log
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from payflow.workload.clock import Timestamps
from payflow.workload.faulty import any_fault
from payflow.workload.histories import Historian
from payflow.workload.mix import STORY_WEIGHTS, Mix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payflow.workload.draft import Fact
    from payflow.workload.histories import History

__all__ = ["SEED_MIX", "Past", "PastDelivery"]

STRETCH_PAYMENTS: Final = 2_500

_TALKATIVE: Final = {
    "several_attempts": 14.0,
    "multi_capture": 14.0,
    "partial_capture": 8.0,
    "incremental_authorization": 9.0,
    "refunded": 9.0,
    "partially_refunded": 10.0,
    "refunded_in_parts": 6.0,
    "dispute_won": 2.0,
    "dispute_lost": 2.5,
    "captured": 26.0,
    "sale": 2.0,
}
SEED_MIX: Final = replace(
    Mix(), stories={**STORY_WEIGHTS, **_TALKATIVE}, duplicates=0.08, late=0.03, faulty=0.0003, merchants=2_000
)
"""More of the histories that have much to tell, so that a payment comes to about five rows of the trail."""

_GAP_MEANS_MS: Final = {"authorization": 2_000, "capture": 240_000, "refund": 2_400_000, "dispute": 3_600_000}
_GAP_OTHER_MS: Final = 1_000
_DUPLICATE_GAP_MEAN_MS: Final = 30_000
_ON_THE_WAY_MS: Final = 400
"""Mean time from what happened to its row in the trail."""


class PastDelivery(NamedTuple):
    """One delivery of the past: when it was recorded, in Unix milliseconds, and its body."""

    recorded_ms: int
    body: bytes


class Past:
    """Payments that began between two moments, the same for the same arguments.

    Args:
        seed: names the past; another one for each that goes into the same books.
        start_ms: when the first payment began, in Unix milliseconds.
        end_ms: nothing is recorded after it.
        payments: how many.
        mix: shares of everything that can happen.

    """

    def __init__(self, seed: int, start_ms: int, end_ms: int, payments: int, mix: Mix = SEED_MIX) -> None:
        self._random = Random(seed)  # noqa: S311 - it makes test data, not secrets
        self._historian = Historian(self._random, mix)
        self._timestamps = Timestamps()
        self._start_ms, self._end_ms = start_ms, end_ms
        self._payments = payments
        self._mix = mix

    @property
    def end(self) -> datetime:
        """Where the past ends."""
        return datetime.fromtimestamp(self._end_ms / 1_000, UTC)

    def stretches(self, size: int = STRETCH_PAYMENTS) -> Iterator[list[PastDelivery]]:
        """Give all deliveries, a stretch of payments at a time, each in the order of recording."""
        every_ms = (self._end_ms - self._start_ms) / max(self._payments, 1)
        for first in range(0, self._payments, size):
            deliveries: list[PastDelivery] = []
            for number in range(first, min(first + size, self._payments)):
                began_ms = self._start_ms + int((number + self._random.random()) * every_ms)
                self._deliver(self._historian.tell(began_ms), began_ms, deliveries)
            deliveries.sort()
            yield deliveries

    def _deliver(self, history: History, began_ms: int, out: list[PastDelivery]) -> None:
        """Append what came in of one payment."""
        random, mix = self._random, self._mix
        late = random.random() < mix.late * len(history.facts)
        happened_ms = began_ms
        for number, fact in enumerate(history.facts):
            if number:
                family = fact["type"].partition(".")[0]
                happened_ms += 1 + self._wait(_GAP_MEANS_MS.get(family, _GAP_OTHER_MS))
            happened_ms = min(happened_ms, self._end_ms)
            recorded_ms = happened_ms + self._wait(_ON_THE_WAY_MS)
            if late and random.random() < 1 / len(history.facts):
                recorded_ms += self._wait(_GAP_MEANS_MS["capture"])
            body = self._body(fact, happened_ms)
            out.append(self._recorded(recorded_ms, body))
            if random.random() < mix.duplicates:
                out.append(self._recorded(recorded_ms + 1 + self._wait(_DUPLICATE_GAP_MEAN_MS), body))
        if random.random() < mix.faulty * len(history.facts):
            fact = any_fault(random, self._historian, history, happened_ms)
            body = self._body(fact, happened_ms)
            out.append(self._recorded(happened_ms + 1 + self._wait(_DUPLICATE_GAP_MEAN_MS), body))

    def _body(self, fact: Fact, happened_ms: int) -> bytes:
        return orjson.dumps({**fact, "occurred_at": self._timestamps.write(happened_ms)})

    def _recorded(self, recorded_ms: int, body: bytes) -> PastDelivery:
        return PastDelivery(min(recorded_ms, self._end_ms), body)

    def _wait(self, mean_ms: int) -> int:
        return int(-mean_ms * log(1.0 - self._random.random()))
