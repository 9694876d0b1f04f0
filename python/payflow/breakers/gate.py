"""Holds work while a dependency is away, tries the dependency meanwhile, and lets work back in one by one."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from payflow.breakers.breaker import Breaker


@dataclass(frozen=True)
class GateOptions:
    """How long work is held, and how long a probe may take."""

    hold_max_s: float = 600.0
    """From the begin of an outage. Past it work goes back to where it came from until the outage is over."""
    probe_timeout_s: float = 5.0
    trial_timeout_s: float = 60.0
    """How long the first work after a probe may take before the dependency counts as away again."""


class Gate:
    """Stands before one dependency.

    Work asks `ready` before it uses the dependency and then tells exactly once how that went, by `succeeded`
    or `back_after`. After a failure the gate holds all work. Once a probe goes through, one piece of work is
    let in on trial; when that succeeds, so is everything else.

    Args:
        breaker: keeps the state; this gate alone drives it.
        probe: tries the dependency; raises when it is away.
        options: bounds.
        closed: told when the dependency goes away.
        opened: told when it is back.

    """

    def __init__(
        self,
        breaker: Breaker,
        probe: Callable[[], Awaitable[None]],
        options: GateOptions,
        *,
        closed: Callable[[], None],
        opened: Callable[[], None],
    ) -> None:
        self._breaker = breaker
        self._probe = probe
        self._options = options
        self._closed = closed
        self._opened = opened
        self._waiting: deque[asyncio.Future[bool]] = deque()
        self._told = asyncio.Event()
        self._prober: asyncio.Task[None] | None = None
        self._given_up = False
        self._holds = True

    @property
    def holding(self) -> int:
        """How many pieces of work wait here."""
        return len(self._waiting)

    async def ready(self) -> bool:
        """Wait until the dependency may be used. False: it stays away too long, give the work back."""
        if self._breaker.closed:
            return True
        if not self._holds or self._given_up or self._breaker.open_for_s >= self._options.hold_max_s:
            return False
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)

    async def back_after(self, reason: str) -> bool:
        """Tell that the dependency failed, then wait like `ready`."""
        self.failed(reason)
        return await self.ready()

    def failed(self, reason: str) -> None:
        """Tell that the dependency failed, without waiting for its return."""
        was_closed = self._breaker.closed
        self._breaker.failed(reason)
        self._told.set()
        if was_closed:
            self._closed()
            if not self._given_up and (self._prober is None or self._prober.done()):
                self._prober = asyncio.create_task(self._until_back(), name=f"probe-{self._breaker.name}")

    def succeeded(self) -> None:
        """Tell that the dependency did what was asked: everything that waits goes on."""
        if self._breaker.closed:
            return
        self._breaker.succeeded()
        self._told.set()
        self._let_go(through=True)
        self._opened()

    def hold(self, *, holds: bool) -> None:
        """Hold work during an outage, as at the start, or give it back at once. For a worker that drains."""
        self._holds = holds
        if not holds:
            self._let_go(through=False)

    def give_up(self) -> None:
        """Hold nothing any more: what waits, and what would, goes back. For a worker that stops."""
        self._given_up = True
        if self._prober is not None:
            self._prober.cancel()
        self._let_go(through=False)

    async def _until_back(self) -> None:
        while not self._breaker.closed:
            await self._wait_for_probe()
            if self._breaker.closed:
                return
            self._breaker.probe()
            try:
                async with asyncio.timeout(self._options.probe_timeout_s):
                    await self._probe()
            except Exception as error:  # noqa: BLE001 - whatever it is, the dependency can't be used
                self._breaker.failed(str(error) or type(error).__name__)
            else:
                await self._try_one()

    async def _wait_for_probe(self) -> None:
        """Wait until the next probe is due or the dependency answers; let go what was held for too long."""
        due_s, left_s = self._breaker.probe_in_s, self._options.hold_max_s - self._breaker.open_for_s
        self._told.clear()
        if left_s <= 0:
            self._let_go(through=False)
        elif left_s < due_s:
            await self._pause(left_s)
            self._let_go(through=False)
        await self._pause(self._breaker.probe_in_s)

    async def _pause(self, delay_s: float) -> None:
        """Sleep; a success elsewhere ends it."""
        ends_s = asyncio.get_running_loop().time() + delay_s
        while not self._breaker.closed:
            try:
                async with asyncio.timeout_at(ends_s):
                    await self._told.wait()
            except TimeoutError:
                return
            self._told.clear()

    async def _try_one(self) -> None:
        """Let one piece of work in; what it tells decides. With none waiting, the probe has decided."""
        turn = next((turn for turn in self._waiting if not turn.done()), None)
        if turn is None:
            self.succeeded()
            return
        self._told.clear()
        turn.set_result(True)
        try:
            async with asyncio.timeout(self._options.trial_timeout_s):
                await self._told.wait()
        except TimeoutError:
            self._breaker.failed(f"nothing came of a trial within {self._options.trial_timeout_s:g} s")

    def _let_go(self, *, through: bool) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(through)
