"""All reads of Redis that calls wait for: those of one turn of the event loop travel as one command.

A call reads its session's version and its cached answer at once; calls that run side by side share the round
trip. While Redis is away nothing waits for it: reads say "not known" until a probe gets through.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from payflow.breakers.breaker import Breaker

KEYS_MAX: Final = 512
"""Most keys of one command."""
LATE_MAX: Final = 3
"""Answers in a row that come too late before Redis counts as away; a connection that fails counts at once."""
AWAY: Final = (RedisError, OSError, TimeoutError)
"""What a client raises when the server is not to be had."""

Values: TypeAlias = "list[bytes | None]"


class Front:
    """Reads keys for calls, and tells the breaker how that goes.

    Args:
        redis: the client; its own deadline bounds each command.
        breaker: keeps the state; this object alone drives it.
        deadline_s: bound on each command, reconnecting included.

    """

    def __init__(self, redis: Any, breaker: Breaker, deadline_s: float) -> None:
        self.redis = redis
        self.breaker = breaker
        self._deadline_s = deadline_s
        self._late = 0
        self._waiting: list[tuple[Sequence[str], asyncio.Future[Values | None]]] = []
        self._running: set[asyncio.Task[None]] = set()

    async def read(self, keys: Sequence[str]) -> Values | None:
        """Give the values of keys; None while Redis is away."""
        if not self.usable():
            return None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Values | None] = loop.create_future()
        self._waiting.append((keys, answer))
        if len(self._waiting) == 1:
            loop.call_soon(self._send)
        return await answer

    async def attempt(self, command: Awaitable[Any]) -> Any:
        """Wait for one command. None, too, when Redis is away: whoever needs to know looks at `usable`."""
        try:
            async with asyncio.timeout(self._deadline_s):
                found = await command
        except AWAY as error:
            late = isinstance(error, TimeoutError | RedisTimeout)
            self._late = self._late + 1 if late else LATE_MAX
            # One late answer may be this process's own fault, when the machine is busy.
            if self._late >= LATE_MAX or not self.breaker.closed:
                self.breaker.failed(f"{type(error).__name__}: {error}")
            return None
        self._late = 0
        self.breaker.succeeded()
        return found

    def usable(self) -> bool:
        """Tell whether Redis may be asked; a breaker whose probe is due lets this one try."""
        if self.breaker.closed:
            return True
        if self.breaker.probe_in_s > 0:
            return False
        self.breaker.probe()
        return True

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        while waiting:
            batch, size = [], 0
            while waiting and size < KEYS_MAX:
                batch.append(waiting.pop())
                size += len(batch[-1][0])
            task = asyncio.create_task(self._answer(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _answer(self, batch: list[tuple[Sequence[str], asyncio.Future[Values | None]]]) -> None:
        keys = [key for wanted, _ in batch for key in wanted]
        found: Values | None = await self.attempt(self.redis.mget(keys))
        at = 0
        for wanted, answer in batch:
            if not answer.done():
                answer.set_result(None if found is None else found[at : at + len(wanted)])
            at += len(wanted)
