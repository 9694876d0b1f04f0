"""The event loop's lateness is counted when it wakes, and can be asked for while it is blocked."""

from __future__ import annotations

import asyncio

import pytest
from payflow.telemetry.loop_watch import INTERVAL_S, LoopWatch


async def test_a_wake_that_comes_late_is_counted_by_how_late_it_is() -> None:
    now_s = [0.0]
    naps = iter([INTERVAL_S, INTERVAL_S + 0.4])

    async def sleep(_seconds: float) -> None:
        try:
            now_s[0] += next(naps)
        except StopIteration:
            raise asyncio.CancelledError from None

    watch = LoopWatch(lambda: now_s[0], sleep)
    with pytest.raises(asyncio.CancelledError):
        await watch.run()
    lags = watch.lags.read()
    assert lags.counts[-1] == 2
    assert lags.sum == pytest.approx(0.4)


def test_what_blocks_the_loop_now_shows_before_it_wakes() -> None:
    now_s = [0.0]
    watch = LoopWatch(lambda: now_s[0])
    now_s[0] = 40.0
    assert watch.late_s == 40.0
