"""One worker's part of a rate while Redis is away, and how it goes over to that and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from payflow.fleet.buckets import HOLD_OFF_S, Ask, EqualShare, Grant, Rations, SharedBuckets, burst_of
from payflow.fleet.channel import FleetKeys

if TYPE_CHECKING:
    from collections.abc import Mapping

MUCH = 1_000_000


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Shared:
    """Buckets in Redis that grant all, until Redis goes away."""

    def __init__(self) -> None:
        self.away = False
        self.calls = 0

    async def take(self, asks: Mapping[str, Ask]) -> dict[str, Grant]:
        self.calls += 1
        if self.away:
            raise ConnectionError
        return {name: Grant(ask.wanted, 2) for name, ask in asks.items()}


class Answering:
    """A client whose scripts always answer the same."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def register_script(self, _text: str) -> Answering:
        return self

    async def __call__(self, keys: list[str], args: list[object]) -> object:
        return self.answer


def taken(share: EqualShare, clock: Clock, seconds: float, step_s: float, workers: int, rate: float) -> int:
    total = 0
    for _ in range(round(seconds / step_s)):
        clock.now_s += step_s
        total += share.take(Ask(rate, MUCH), workers, clock())
    return total


@pytest.mark.parametrize(("rate", "workers"), [(200.0, 1), (200.0, 3), (7.0, 4), (0.5, 2), (10_000.0, 7)])
def test_all_equal_shares_together_keep_the_rate(rate: float, workers: int) -> None:
    clock = Clock()
    total = sum(
        taken(EqualShare(100.0), Clock(), seconds=60, step_s=0.1, workers=workers, rate=rate)
        for _ in range(workers)
    )
    assert clock() == 100.0
    assert rate * 60 - workers <= total <= rate * 60 + workers


def test_no_more_is_saved_up_than_the_burst() -> None:
    clock = Clock()
    share = EqualShare(clock())
    clock.now_s += 3_600
    assert share.take(Ask(200.0, MUCH), 2, clock()) == burst_of(200.0) / 2 == 50
    clock.now_s -= 1_800
    assert share.take(Ask(200.0, MUCH), 2, clock()) == 0, "a clock that goes back gives nothing"


def test_a_share_of_less_than_one_a_second_comes_to_one_in_the_end() -> None:
    clock = Clock()
    share = EqualShare(clock())
    assert taken(share, clock, seconds=99.5, step_s=0.1, workers=10, rate=0.1) == 0
    assert taken(share, clock, seconds=1.0, step_s=0.1, workers=10, rate=0.1) == 1


async def test_redis_gives_out_until_it_is_away_then_each_has_its_equal_share() -> None:
    clock, shared = Clock(), Shared()
    rations = Rations(shared, clock)  # type: ignore[arg-type]
    rations.workers_live = 4
    asks = {"": Ask(200.0, 30)}
    assert await rations.take(asks) == {"": Grant(30, 2)}
    shared.away = True
    clock.now_s += 0.1
    assert await rations.take(asks) == {"": Grant(5, 4)}, "a tenth of a second of a quarter of the rate"
    clock.now_s += 0.1
    assert await rations.take(asks) == {"": Grant(5, 4)}
    assert shared.calls == 2, "Redis is left alone for a moment"
    assert (rations.granted, rations.failures) == ({"redis": 30, "equal_share": 10}, 1)
    shared.away = False
    clock.now_s += HOLD_OFF_S
    assert await rations.take(asks) == {"": Grant(30, 2)}
    shared.away = True
    assert await rations.take(asks) == {"": Grant(0, 4)}, "what Redis gave out is not given out again"


async def test_buckets_are_apart() -> None:
    clock, shared = Clock(), Shared()
    shared.away = True
    rations = Rations(shared, clock)  # type: ignore[arg-type]
    asks = {"": Ask(100.0, MUCH), "m_1": Ask(10.0, MUCH)}
    await rations.take(asks)
    clock.now_s += 0.5
    assert {name: grant.granted for name, grant in (await rations.take(asks)).items()} == {"": 50, "m_1": 5}


@pytest.mark.parametrize("answer", [None, [], [1], [31, 1], [-1, 1], [b"5", 1], [5, 0], [1, 1, 1, 1], {}])
async def test_an_answer_that_grants_what_was_not_asked_for_is_refused(answer: object) -> None:
    buckets = SharedBuckets(Answering(answer), FleetKeys("books"), "worker:a:1", 1.0)
    with pytest.raises(ValueError, match="no answer of the bucket's script"):
        await buckets.take({"": Ask(200.0, 30)})
