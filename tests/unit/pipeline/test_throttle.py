"""Merchants over their rate wait within bounds; their neighbours don't, and nothing is lost on the way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import msgspec
import pytest
from payflow.decoding import Decoder
from payflow.events import Sources
from payflow.intake.contract import Batch, Carried
from payflow.pipeline.deliveries import Deliveries
from payflow.pipeline.throttle import RETURN_DELAY_MAX_S, Throttle, ThrottleOptions
from payflow.workload import Mix, Workload

from tests.unit.pipeline.troubled import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SLOW, OTHER = "m_slow", "m_other"

decode = Decoder(Sources.load(), lambda: datetime.now(UTC)).decode


class Scene:
    """A throttle with a clock, a rate that the test gives out by hand, and the queue behind it."""

    def __init__(self, **options: float) -> None:
        self.now_s = 0.0
        self.grants = 0
        self.asked: list[dict[str, tuple[float, int]]] = []
        self.returned: dict[int, int] = {}
        self.throttle = Throttle(
            self._take,
            self._give_back,
            ThrottleOptions(rng=Random(1), **options),  # type: ignore[arg-type] # noqa: S311
            lambda: self.now_s,
        )
        self.throttle.limit({SLOW: 5.0})

    async def _take(self, asks: Mapping[str, tuple[float, int]]) -> dict[str, int]:
        self.asked.append(dict(asks))
        granted = {merchant: min(self.grants, wanted) for merchant, (_, wanted) in asks.items()}
        self.grants -= sum(granted.values())
        return granted

    def _give_back(self, tokens: Sequence[int], delays_s: Sequence[int]) -> None:
        self.returned |= dict(zip(tokens, delays_s, strict=True))

    async def serve(self, grants: int = 0) -> None:
        self.grants = grants
        await self.throttle._serve()

    async def freed(self, lane: int = 0) -> list[int]:
        async with asyncio.timeout(5):
            return (await self.throttle.freed(lane)).batch.tokens


def deliveries(*merchants: str, first: int = 1, lane: int = 0, receives: int = 1) -> Deliveries:
    """Make one event for each merchant; tokens count from `first`, the last body is no event."""
    whole = [each.body for each in Workload(1, Mix(faulty=0.0)).deliveries(len(merchants))]
    count = len(whole) + 1
    batch = Batch(
        lane=lane,
        tokens=list(range(first, first + count)),
        bodies=[*whole, b"no event"],
        message_ids=[f"m{number}" for number in range(first, first + count)],
        receive_counts=[receives] * count,
        sent_at_ms=list(range(count)),
        received_at_ms=list(range(count)),
        carried={0: Carried(attempts=2, receives=3)},
    )
    decoded = decode(batch.bodies)
    decoded.events[:] = [
        msgspec.structs.replace(event, merchant_id=merchant)
        for event, merchant in zip(decoded.events, merchants, strict=True)
    ]
    return Deliveries.of(batch, decoded)


async def test_others_go_on_and_the_limited_wait_until_it_is_their_turn() -> None:
    scene = Scene()
    going = scene.throttle.admit(deliveries(OTHER, SLOW, OTHER, SLOW))
    assert [going.batch.tokens[position] for position in going.positions()] == [1, 3, 5]
    assert [malformed.index for malformed in going.malformed] == [4], "no event has a merchant"
    assert (scene.throttle.held, scene.throttle.waited) == (2, 2)
    await scene.serve(grants=1)
    assert scene.asked == [{SLOW: (5.0, 2)}]
    assert await scene.freed() == [2]
    assert scene.throttle.held == 1
    await scene.serve(grants=5)
    assert await scene.freed() == [4]
    assert (scene.throttle.held, scene.returned) == (0, {})


async def test_what_waited_goes_on_as_it_came() -> None:
    scene = Scene()
    came = deliveries(SLOW, OTHER, SLOW)
    scene.throttle.admit(came)
    await scene.serve(grants=2)
    going = await scene.throttle.freed(0)
    assert going.events == [came.events[0], came.events[2]]
    assert going.payloads == [came.payloads[0], came.payloads[2]]
    assert going.batch.message_ids == ["m1", "m3"]
    assert going.batch.sent_at_ms == [0, 2]
    assert going.batch.carried == {0: Carried(attempts=2, receives=3)}
    assert going.positions() == [0, 1]


async def test_events_of_one_merchant_keep_their_order_and_their_lane() -> None:
    scene = Scene()
    scene.throttle.admit(deliveries(SLOW, SLOW, first=1, lane=0))
    scene.throttle.admit(deliveries(SLOW, first=10, lane=1))
    scene.throttle.admit(deliveries(SLOW, first=20, lane=0))
    await scene.serve(grants=3)
    assert (await scene.freed(0), await scene.freed(1)) == ([1, 2], [10])
    await scene.serve(grants=3)
    assert await scene.freed(0) == [20]


async def test_what_waits_for_too_long_goes_back_and_comes_later() -> None:
    scene = Scene(hold_max_s=10.0)
    scene.throttle.admit(deliveries(SLOW, first=1))
    scene.now_s = 5.0
    scene.throttle.admit(deliveries(SLOW, first=3))
    scene.now_s = 10.0
    await scene.serve()
    assert list(scene.returned) == [1]
    assert (scene.throttle.held, scene.throttle.returned) == (1, 1)


async def test_what_finds_no_place_goes_back_at_once() -> None:
    scene = Scene(held_max=3)
    scene.throttle.admit(deliveries(*[SLOW] * 5))
    assert (scene.throttle.held, sorted(scene.returned)) == (3, [4, 5])
    await scene.serve(grants=1)
    await scene.freed()
    scene.throttle.admit(deliveries(SLOW, first=20))
    assert scene.throttle.held == 3, "a place that came free is used again"


@pytest.mark.parametrize(("receives", "least_s", "most_s"), [(1, 7, 15), (3, 30, 60), (14, 18_000, 36_000)])
async def test_returns_wait_longer_with_each_receive_so_that_those_last(
    receives: int, least_s: int, most_s: int
) -> None:
    scene = Scene(held_max=0)
    scene.throttle.admit(deliveries(*[SLOW] * 50, receives=receives))
    delays_s = list(scene.returned.values())
    assert len(delays_s) == 50
    assert least_s <= min(delays_s) < max(delays_s) <= most_s <= RETURN_DELAY_MAX_S, "spread by chance"


async def test_returns_come_when_the_backlog_of_their_merchant_is_through() -> None:
    scene = Scene(held_max=1_000)
    scene.throttle.admit(deliveries(*[SLOW] * 1_020))
    assert min(scene.returned.values()) >= 100, "1,000 wait at 5 a second: 200 s"


async def test_a_merchant_whose_limit_is_lifted_goes_on_at_once() -> None:
    scene = Scene()
    scene.throttle.admit(deliveries(SLOW, SLOW))
    scene.throttle.limit({})
    assert await scene.freed() == [1, 2]
    whole = deliveries(SLOW)
    scene.throttle.limit({OTHER: 1.0})
    assert scene.throttle.admit(whole) is whole


async def test_a_drain_gives_back_all_that_waits_and_lets_nothing_wait() -> None:
    scene = Scene()
    scene.throttle.admit(deliveries(SLOW, SLOW, SLOW))
    await scene.serve(grants=1)
    scene.throttle.close()
    assert scene.returned == {1: 0, 2: 0, 3: 0}, "the one whose turn had come too"
    scene.throttle.admit(deliveries(SLOW, first=10))
    assert scene.returned[10] == 0
    assert scene.throttle.held == 0
    scene.throttle.reopen()
    scene.throttle.admit(deliveries(SLOW, first=20))
    assert scene.throttle.held == 1


async def test_it_asks_as_soon_as_something_waits_and_again_until_nothing_does() -> None:
    scene = Scene()
    scene.grants = 2
    serving = asyncio.create_task(scene.throttle.run())
    scene.throttle.admit(deliveries(SLOW, SLOW, SLOW))
    assert await scene.freed() == [1, 2]
    scene.grants = 1
    assert await scene.freed() == [3]
    serving.cancel()


async def test_the_pipeline_decides_what_is_let_through_and_later_what_waited() -> None:
    scene = Scene()
    trouble = Trouble(lambda _: None)
    trouble.pipeline._throttle = scene.throttle
    whole = [each.body for each in Workload(1, Mix(faulty=0.0)).deliveries(6)]
    decoded = decode(whole)
    merchants = [event.merchant_id for event in decoded.events]
    scene.throttle.limit({merchants[0]: 5.0})
    batch = Batch(
        lane=0,
        tokens=[1, 2, 3, 4, 5, 6],
        bodies=whole,
        message_ids=[f"m{number}" for number in range(6)],
        receive_counts=[1] * 6,
        sent_at_ms=[0] * 6,
        received_at_ms=[0] * 6,
    )
    first = await trouble.pipeline.process(batch)
    await scene.serve(grants=6)
    later = await trouble.pipeline.go_on(await scene.throttle.freed(0))
    limited = [
        token for token, merchant in zip(batch.tokens, merchants, strict=True) if merchant == merchants[0]
    ]
    assert later.done == limited
    assert sorted(first.done + later.done) == batch.tokens
