"""Merchants over their rate: their events wait in hand for a moment, everybody else's go on.

What waits is kept invisible by the intake like all that is in hand. Both how many wait and for how long are
bounded; past either bound an event goes back to the queue and comes again later, which is no attempt of it.
The events of one merchant keep their order, and come back to the lane that they came from.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from payflow.intake.contract import Batch
from payflow.pipeline.deliveries import Deliveries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from payflow.events import PaymentEvent
    from payflow.intake.contract import Carried

__all__ = ["Held", "Throttle", "ThrottleOptions"]

TICK_S: Final = 0.1
GATHERING_S: Final = 0.01
RETURN_DELAY_MIN_S: Final = 15.0
RETURN_DELAY_MAX_S: Final = 36_000.0
"""SQS keeps a message invisible for 12 hours at most, counted from its receipt."""


@dataclass(frozen=True)
class ThrottleOptions:
    """What may wait in hand for its merchant's turn."""

    held_max: int = 2_000
    """Deliveries that wait at once."""
    hold_max_s: float = 10.0
    """How long one waits."""
    released_max: int = 500
    """Deliveries of one lane that go on together."""
    rng: random.Random = field(default_factory=random.Random, repr=False)


class Held(NamedTuple):
    """One delivery that waits, apart from its batch: that would stay in memory as long as it."""

    token: int
    body: bytes
    message_id: str
    receive_count: int
    sent_at_ms: int
    received_at_ms: int
    carried: Carried | None
    event: PaymentEvent
    payload: bytes
    lane: int
    until_s: float


class GiveBack(Protocol):
    """Makes deliveries visible after their delays, as `Intake.retry` does."""

    def __call__(self, tokens: Sequence[int], delays_s: Sequence[int]) -> None: ...


class Throttle:
    """Keeps merchants to their rates.

    Args:
        take: asks how many events of each merchant may go on, given its rate and how many wait; never raises.
        give_back: returns deliveries to the queue.
        options: bounds.
        clock_s: monotonic seconds.

    """

    def __init__(
        self,
        take: Callable[[Mapping[str, tuple[float, int]]], Awaitable[Mapping[str, int]]],
        give_back: GiveBack,
        options: ThrottleOptions,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._take = take
        self._give_back = give_back
        self._options = options
        self._clock_s = clock_s
        self._waiting: dict[str, deque[Held]] = {}
        self._free: dict[int, deque[Held]] = {}
        self._freed: dict[int, asyncio.Event] = {}
        self._arrived = asyncio.Event()
        self._closed = False
        self.rates: Mapping[str, float] = {}
        """Events a second by merchant; empty while nobody is held to any, and then nothing here costs."""
        self.held = 0
        """Deliveries that wait now."""
        self.waited = 0
        """Deliveries that had to wait, since the start."""
        self.returned = 0
        """Deliveries that waited for too long, or found no place to wait, and went back to the queue."""

    def limit(self, rates: Mapping[str, float]) -> None:
        """Hold these merchants to these rates, and nobody else; what waits for another one goes on."""
        self.rates = dict(rates)
        for merchant in [merchant for merchant in self._waiting if merchant not in self.rates]:
            self._let_go(self._waiting.pop(merchant))
        self._arrived.set()

    def admit(self, deliveries: Deliveries) -> Deliveries:
        """Keep back the events of limited merchants; give what goes on now."""
        rates = self.rates
        kept = [place for place, event in enumerate(deliveries.events) if event.merchant_id in rates]
        if not kept:
            return deliveries
        over: list[Held] = []
        for place in kept:
            held = self._held(deliveries, place)
            if self._has_place():
                self._waiting.setdefault(held.event.merchant_id, deque()).append(held)
                self.held += 1
                self.waited += 1
            else:
                over.append(held)
        self._return(over)
        self._arrived.set()
        return deliveries.without(set(kept))

    async def freed(self, lane: int) -> Deliveries:
        """Wait for deliveries of this lane whose turn has come."""
        free, freed = self._lane(lane)
        while not free:
            freed.clear()
            await freed.wait()
        going = [free.popleft() for _ in range(min(len(free), self._options.released_max))]
        self.held -= len(going)
        return _joined(going)

    async def run(self) -> None:
        """Let events go on at their merchants' rates, and return what waits for too long; until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S if self._waiting else None):
                    await self._arrived.wait()
            self._arrived.clear()
            await self._serve()
            # Whatever comes in this moment is asked for in one call.
            await asyncio.sleep(GATHERING_S)

    def close(self) -> None:
        """Return everything that waits, at once, and let nothing wait any more: for a drain, or the end."""
        self._closed = True
        waiting = [held for queue in (*self._waiting.values(), *self._free.values()) for held in queue]
        self._waiting.clear()
        for queue in self._free.values():
            queue.clear()
        self.held -= len(waiting)
        self.returned += len(waiting)
        if waiting:
            self._give_back([held.token for held in waiting], [0] * len(waiting))

    def reopen(self) -> None:
        """Let events wait again."""
        self._closed = False

    async def _serve(self) -> None:
        """Ask for all merchants at once, let go what is granted, and return what has waited for too long."""
        asked = {
            merchant: (self.rates[merchant], len(queue)) for merchant, queue in self._waiting.items() if queue
        }
        granted = await self._take(asked) if asked else {}
        for merchant, count in granted.items():
            # Meanwhile a drain may have taken all of them.
            queue = self._waiting.get(merchant, deque())
            self._let_go(queue.popleft() for _ in range(min(count, len(queue))))
        now_s = self._clock_s()
        late: list[Held] = []
        for queue in self._waiting.values():
            while queue and queue[0].until_s <= now_s:
                late.append(queue.popleft())
        self.held -= len(late)
        self._return(late)
        self._waiting = {merchant: queue for merchant, queue in self._waiting.items() if queue}

    def _has_place(self) -> bool:
        return not self._closed and self.held < self._options.held_max and self._options.hold_max_s > 0

    def _let_go(self, going: Iterable[Held]) -> None:
        for held in going:
            free, freed = self._lane(held.lane)
            free.append(held)
            freed.set()

    def _return(self, late: Sequence[Held]) -> None:
        if not late:
            return
        self.returned += len(late)
        self._give_back([held.token for held in late], [self._delay_s(held) for held in late])

    def _delay_s(self, held: Held) -> int:
        """Give when a delivery shall come again: when its merchant's backlog is through, and ever later.

        Each return costs one of the receives after which the queue's own redrive policy ends a message. The
        delay doubles with them, so that 14 of them last for a day.
        """
        if self._closed:
            return 0
        merchant = held.event.merchant_id
        backlog_s = len(self._waiting.get(merchant, ())) / self.rates.get(merchant, 1.0)
        doubled_s = RETURN_DELAY_MIN_S * 2.0 ** min(held.receive_count - 1, 16)
        most_s = min(RETURN_DELAY_MAX_S, max(backlog_s, doubled_s))
        return round(self._options.rng.uniform(most_s / 2, most_s))

    def _held(self, deliveries: Deliveries, place: int) -> Held:
        batch, position = deliveries.batch, deliveries.indexes[place]
        return Held(
            token=batch.tokens[position],
            body=batch.bodies[position],
            message_id=batch.message_ids[position],
            receive_count=batch.receive_counts[position],
            sent_at_ms=batch.sent_at_ms[position],
            received_at_ms=batch.received_at_ms[position],
            carried=batch.carried.get(position),
            event=deliveries.events[place],
            payload=deliveries.payloads[place],
            lane=batch.lane,
            until_s=self._clock_s() + self._options.hold_max_s,
        )

    def _lane(self, lane: int) -> tuple[deque[Held], asyncio.Event]:
        return self._free.setdefault(lane, deque()), self._freed.setdefault(lane, asyncio.Event())


def _joined(going: Sequence[Held]) -> Deliveries:
    """Make a batch of deliveries that came in several."""
    batch = Batch(
        lane=going[0].lane,
        tokens=[held.token for held in going],
        bodies=[held.body for held in going],
        message_ids=[held.message_id for held in going],
        receive_counts=[held.receive_count for held in going],
        sent_at_ms=[held.sent_at_ms for held in going],
        received_at_ms=[held.received_at_ms for held in going],
        carried=dict(_carried(going)),
    )
    return Deliveries(
        batch,
        [held.event for held in going],
        [held.payload for held in going],
        list(range(len(going))),
        [],
    )


def _carried(going: Sequence[Held]) -> Iterator[tuple[int, Carried]]:
    for position, held in enumerate(going):
        if held.carried is not None:
            yield position, held.carried
