"""The stream of deliveries: many histories at once, interleaved the way a live queue shows them.

Positions in the stream stand in for time. Each open payment waits in a heap for the position at which its
next fact is due; when none is due, a new payment opens. The heap is all that lasts, and it is bounded.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, islice
from math import log
from random import Random
from typing import TYPE_CHECKING, Literal, NamedTuple

import orjson

from payflow.workload.clock import CLOCK_START, DELIVERIES_PER_MS, Timestamps, unix_ms
from payflow.workload.envelopes import ENVELOPES
from payflow.workload.faulty import any_fault
from payflow.workload.histories import Historian, History
from payflow.workload.malformed import SENDABLE
from payflow.workload.mix import Mix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from payflow.workload.draft import Fact

DeliveryKind = Literal["fact", "duplicate", "bad", "faulty"]

PAYMENTS_OPEN_MAX = 5_000
GAP_MEANS = {"authorization": 40.0, "capture": 250.0, "refund": 3_000.0, "dispute": 4_000.0}
"""Mean wait for a fact of that family after the one before it, in deliveries."""
DUPLICATE_GAP_MEANS = (3.0, 3.0, 500.0, 5_000.0)
"""Mean waits for a duplicate, drawn evenly: the queue's own follow at once, a provider's retry later."""
FAULTY_GAP_MEAN = 1_000.0
HISTORY_GAP_MEAN_MS = 40_000.0
"""Mean time between the facts of a history told on its own."""
RETRIED_WITH_OTHER_CORRELATION_SHARE = 0.25

_SENDABLE = tuple(SENDABLE.values())


class Delivery(NamedTuple):
    """One message for the queue."""

    body: bytes
    payment_id: str
    event_id: str
    kind: DeliveryKind
    fact: Fact | None
    """The event inside the body, out of its envelope; none for a bad message."""


@dataclass(slots=True)
class _Open:
    """A payment under way: `order` says which fact is delivered when, by its index in the history."""

    history: History
    order: list[int]
    delivered: int
    stamped: int
    clock_ms: int
    faulty: bool


class Workload:
    """A stream of payment events named by its seed: the same arguments give the same bytes, at every call.

    Args:
        seed: names the stream; use different seeds for different runs against one database.
        mix: shares of everything that can happen.
        clock_start: where the stream's own clock starts, with an offset; it runs at 10,000 deliveries/s.
            Facts that must look fresh, such as those that may wait parked, need a start near now.
        clock_ms: a wall clock in Unix milliseconds instead of the stream's own, for feeding a live system.
        payments_open_max: bound on payments and duplicates that wait for their next delivery at one time.

    Raises:
        ValueError: a start without an offset, or a bound below 1.

    """

    def __init__(
        self,
        seed: int,
        mix: Mix | None = None,
        *,
        clock_start: datetime = CLOCK_START,
        clock_ms: Callable[[], int] | None = None,
        payments_open_max: int = PAYMENTS_OPEN_MAX,
    ) -> None:
        if payments_open_max < 1:
            raise ValueError(f"payments_open_max: at least 1, got {payments_open_max}")
        self._seed = seed
        self._mix = Mix() if mix is None else mix
        self._start_ms = unix_ms(clock_start)
        self._clock_ms = clock_ms
        self._payments_open_max = payments_open_max

    def deliveries(self, events: int | None) -> Iterator[Delivery]:
        """Return exactly `events` deliveries, or an endless stream for none.

        A counted stream ends with every history whole: it opens no payment that it could not finish.
        """
        stream = _Stream(self._seed, self._mix, self._start_ms, self._clock_ms, self._payments_open_max)
        return stream.deliveries(sys.maxsize if events is None else events)

    def bodies(self, events: int) -> Iterator[bytes]:
        """Return the bodies of exactly `events` deliveries."""
        return (delivery.body for delivery in self.deliveries(events))

    def histories(self, payments: int, story: str | None = None) -> Iterator[History]:
        """Return whole valid histories, one after the other, of every kind or of one story of `STORIES`."""
        random = _random(self._seed)
        historian = Historian(random, self._mix)
        timestamps = Timestamps()
        for start_ms in islice(count(self._start_ms), payments):
            history = historian.tell(start_ms, story)
            now_ms = start_ms
            for fact in history.facts:
                fact["occurred_at"] = timestamps.write(now_ms)
                now_ms += 1 + int(-HISTORY_GAP_MEAN_MS * log(1.0 - random.random()))
            yield history


class _Stream:
    """One pass over a workload."""

    def __init__(
        self, seed: int, mix: Mix, start_ms: int, clock_ms: Callable[[], int] | None, open_max: int
    ) -> None:
        self._random = _random(seed)
        self._mix = mix
        self._historian = Historian(self._random, mix)
        self._timestamps = Timestamps()
        self._start_ms = start_ms
        self._clock_ms = clock_ms
        self._open_max = open_max
        self._waiting: list[tuple[int, int, _Open | Delivery]] = []
        self._sequence = count()
        self._position = 0
        self._owed = 0
        """Deliveries promised by what waits; a counted stream never owes more than it has left."""

    def deliveries(self, events: int) -> Iterator[Delivery]:
        random, mix, waiting = self._random, self._mix, self._waiting
        while self._position < events:
            room = events - self._position - self._owed
            if mix.bad and room > 0 and random.random() < mix.bad:
                self._position += 1
                yield self._bad()
                continue
            full = len(waiting) >= self._open_max
            if waiting and (waiting[0][0] <= self._position or full or room <= 0):
                item = heappop(waiting)[2]
            else:
                item = self._begin(room)
            self._position += 1
            if isinstance(item, Delivery):
                self._owed -= 1
                yield item
            else:
                yield self._advance(item, room)

    def _now_ms(self) -> int:
        if self._clock_ms is not None:
            return self._clock_ms()
        return self._start_ms + self._position // DELIVERIES_PER_MS

    def _begin(self, room: int) -> _Open:
        """Open a payment whose facts fit in the room, which is at least 1."""
        now_ms = self._now_ms()
        history = self._historian.tell(now_ms)
        if len(history.facts) > room:
            history = self._historian.tell(now_ms, "sale")
        facts = len(history.facts)
        order = list(range(facts))
        if facts > 1 and self._random.random() < self._mix.late * facts:
            held = self._random.randrange(facts - 1)
            order.insert(self._random.randrange(held + 1, facts), order.pop(held))
        self._owed += facts
        return _Open(history, order, delivered=0, stamped=0, clock_ms=0, faulty=False)

    def _advance(self, payment: _Open, room: int) -> Delivery:
        """Deliver the payment's next fact, and queue what follows from it."""
        history, random, mix = payment.history, self._random, self._mix
        index = payment.order[payment.delivered]
        fact = history.facts[index]
        self._stamp(payment, index)
        self._owed -= 1
        if payment.delivered == 0:
            room -= len(history.facts)  # measured before this payment opened
        payment.delivered += 1
        delivery = Delivery(self._body(fact), history.payment_id, fact["event_id"], "fact", fact)
        spare = len(self._waiting) + 1 < self._open_max
        if room > 0 and spare and random.random() < mix.duplicates:
            self._wait(self._duplicate(delivery), random.choice(DUPLICATE_GAP_MEANS))
            self._owed += 1
            room -= 1
        if mix.faulty and room > 0 and not payment.faulty and random.random() < mix.faulty:
            payment.faulty = True
            self._owed += 1
        if payment.delivered < len(payment.order):
            following = history.facts[payment.order[payment.delivered]]["type"]
            self._wait(payment, GAP_MEANS.get(following.partition(".")[0], 1.0))
        elif payment.faulty:
            self._wait(self._fault(payment), FAULTY_GAP_MEAN)
        return delivery

    def _stamp(self, payment: _Open, index: int) -> None:
        """Date the fact and those that it overtook: time grows along a history in any order of delivery."""
        now_ms = self._now_ms()
        for overtaken in range(payment.stamped, index + 1):
            payment.clock_ms = max(payment.clock_ms + 1, now_ms)
            payment.history.facts[overtaken]["occurred_at"] = self._timestamps.write(payment.clock_ms)
            payment.stamped = overtaken + 1

    def _body(self, fact: Fact) -> bytes:
        if self._mix.envelopes and self._random.random() < self._mix.envelopes:
            return self._random.choice(ENVELOPES)(fact)
        return orjson.dumps(fact)

    def _duplicate(self, delivery: Delivery) -> Delivery:
        """Return the delivery once more: mostly the same bytes, else a retry under another correlation id."""
        body, fact = delivery.body, delivery.fact
        if fact is not None and self._random.random() < RETRIED_WITH_OTHER_CORRELATION_SHARE:
            body = self._body({**fact, "correlation_id": self._historian.identifiers.correlation()})
        return delivery._replace(body=body, kind="duplicate")

    def _fault(self, payment: _Open) -> Delivery:
        fact = any_fault(self._random, self._historian, payment.history, payment.clock_ms)
        return Delivery(self._body(fact), fact["payment_id"], fact["event_id"], "faulty", fact)

    def _bad(self) -> Delivery:
        """Return a malformed message about a payment that the stream says nothing else of."""
        now_ms = self._now_ms()
        history = self._historian.tell(now_ms, "sale")
        fact = history.facts[0]
        fact["occurred_at"] = self._timestamps.write(now_ms)
        body = self._random.choice(_SENDABLE)(fact)
        return Delivery(body, history.payment_id, fact["event_id"], "bad", None)

    def _wait(self, item: _Open | Delivery, gap_mean: float) -> None:
        due = self._position + int(-gap_mean * log(1.0 - self._random.random()))
        heappush(self._waiting, (due, next(self._sequence), item))


def _random(seed: int) -> Random:
    """Return the stream's generator; it makes test data, not secrets."""
    return Random(seed)  # noqa: S311
