"""The gate: holds work while its dependency is away, and lets it back in after a trial."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from payflow.breakers import Breaker, Gate, GateOptions, ProbeDelays

DELAYS = ProbeDelays(delay_min_s=0.001, delay_max_s=0.002)


class Dependency:
    """Something that is there or not, with a gate before it."""

    def __init__(self, *, hold_max_s: float = 60.0, delays: ProbeDelays = DELAYS) -> None:
        self.there = False
        self.probes = 0
        self.log: list[str] = []
        self.opened = asyncio.Event()
        self._probed = asyncio.Condition()
        self.breaker = Breaker("postgres", delays, time.monotonic, lambda: datetime.now(UTC))
        self.gate = Gate(
            self.breaker,
            self._probe,
            GateOptions(hold_max_s=hold_max_s, probe_timeout_s=1.0, trial_timeout_s=5.0),
            closed=lambda: self.log.append("closed"),
            opened=self._open,
        )

    def _open(self) -> None:
        self.log.append("opened")
        self.opened.set()

    async def _probe(self) -> None:
        self.probes += 1
        async with self._probed:
            self._probed.notify_all()
        if not self.there:
            raise ConnectionRefusedError("nobody listens")

    async def until_probed(self, times: int) -> None:
        """Wait for so many probes."""
        async with self._probed:
            await self._probed.wait_for(lambda: self.probes >= times)


async def test_work_passes_at_once_while_the_dependency_answers() -> None:
    subject = Dependency()
    assert await subject.gate.ready()
    subject.gate.succeeded()
    assert subject.log == []


async def test_work_is_held_while_the_dependency_is_away_and_goes_on_when_it_is_back() -> None:
    subject = Dependency()
    held = asyncio.create_task(subject.gate.back_after("gone"))
    await subject.until_probed(3)
    assert not held.done()
    assert subject.log == ["closed"]
    subject.there = True
    assert await held
    assert subject.log == ["closed"], "a probe that went through is not enough"
    subject.gate.succeeded()
    assert subject.log == ["closed", "opened"]
    assert subject.breaker.closed


async def test_one_piece_of_work_is_let_in_on_trial_and_the_rest_after_its_success() -> None:
    subject = Dependency()
    subject.there = True
    held = [asyncio.create_task(subject.gate.back_after("gone")) for _ in range(4)]
    await asyncio.wait(held, return_when=asyncio.FIRST_COMPLETED)
    assert [task.done() for task in held] == [True, False, False, False]
    assert subject.gate.holding == 3
    subject.gate.succeeded()
    assert await asyncio.gather(*held) == [True] * 4


async def test_a_trial_that_fails_gives_the_next_one_to_other_work() -> None:
    subject = Dependency()
    subject.there = True
    first = asyncio.create_task(subject.gate.back_after("gone"))
    second = asyncio.create_task(subject.gate.back_after("gone"))
    assert await first
    first = asyncio.create_task(subject.gate.back_after("the row of this one is locked"))
    assert await second
    assert not first.done(), "it waits behind the others"
    subject.gate.succeeded()
    assert await first


async def test_with_nothing_held_the_probe_alone_ends_the_outage() -> None:
    subject = Dependency()
    subject.there = True
    subject.gate.failed("the rules could not be read")
    await subject.opened.wait()
    assert subject.log == ["closed", "opened"]


async def test_a_success_of_work_that_was_under_way_ends_the_outage_without_a_probe() -> None:
    subject = Dependency(delays=ProbeDelays(delay_min_s=60.0, delay_max_s=60.0))
    held = asyncio.create_task(subject.gate.back_after("one connection broke"))
    await asyncio.sleep(0)
    subject.gate.succeeded()
    assert await held
    assert subject.probes == 0


async def test_what_is_held_too_long_goes_back_and_so_does_what_comes_later() -> None:
    subject = Dependency(hold_max_s=0.01)
    assert not await subject.gate.back_after("gone")
    assert not await subject.gate.ready()
    assert subject.log == ["closed"], "nothing is received until it is back"
    subject.there = True
    await subject.opened.wait()
    assert await subject.gate.ready()


async def test_a_worker_that_stops_gets_back_what_is_held_and_holds_nothing_more() -> None:
    subject = Dependency()
    held = asyncio.create_task(subject.gate.back_after("gone"))
    await subject.until_probed(1)
    subject.gate.give_up()
    assert not await held
    assert not await subject.gate.back_after("still gone")


async def test_a_second_outage_is_probed_like_the_first() -> None:
    subject = Dependency()
    for outage in range(1, 4):
        subject.there = False
        before = subject.probes
        held = asyncio.create_task(subject.gate.back_after("gone"))
        await subject.until_probed(before + 2)
        subject.there = True
        assert await held
        subject.gate.succeeded()
        assert subject.breaker.state().opened_total == outage


async def test_work_that_is_cancelled_while_it_waits_takes_nobody_elses_turn() -> None:
    subject = Dependency()
    cancelled = asyncio.create_task(subject.gate.back_after("gone"))
    patient = asyncio.create_task(subject.gate.back_after("gone"))
    await subject.until_probed(1)
    cancelled.cancel()
    subject.there = True
    assert await patient
    subject.gate.succeeded()


async def test_a_gate_that_holds_nothing_gives_work_back_until_it_holds_again() -> None:
    subject = Dependency()
    held = asyncio.create_task(subject.gate.back_after("gone"))
    await subject.until_probed(1)
    subject.gate.hold(holds=False)
    assert not await held
    assert not await subject.gate.ready()
    subject.gate.hold(holds=True)
    waiting = asyncio.create_task(subject.gate.ready())
    subject.there = True
    assert await waiting
