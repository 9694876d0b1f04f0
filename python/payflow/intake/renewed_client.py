"""A client of SQS that is replaced once a call on it hangs, since its other connections may be dead too."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ReadTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

__all__ = ["RenewedClient"]

_OPENING_S: Final = 30.0
"""What a client may take to open: it reads the service's model and finds credentials."""
_CLOSING_S: Final = 5.0
_HUNG: Final = (TimeoutError, ReadTimeoutError)


@dataclass(eq=False)
class _Held:
    manager: AbstractAsyncContextManager[Any]
    sqs: Any
    calls: int = 0


class RenewedClient:
    """Calls SQS, each call within its deadline.

    A call that misses it takes its client out of use: the next call opens another one. Calls that are under
    way on the old client have deadlines of their own; it is closed after the last of them.

    Args:
        make: gives a client to open; called once for each.

    """

    def __init__(self, make: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        self._make = make
        self._current: _Held | None = None
        self._opening = asyncio.Lock()
        self._closings: set[asyncio.Task[None]] = set()
        self.rebuilt = 0
        """How often a client was taken out of use."""

    async def call(self, operation: str, deadline_s: float, **request: Any) -> Any:
        """Call an operation by its name in Python, such as `delete_message`.

        Opening a client, where there is none, has a deadline of its own.

        Raises:
            TimeoutError: no answer within the deadline.
            BotoCoreError, ClientError: as the client does.

        """
        held = await self._open()
        held.calls += 1
        try:
            async with asyncio.timeout(deadline_s):
                return await getattr(held.sqs, operation)(**request)
        except _HUNG:
            if held is self._current:
                self._current = None
                self.rebuilt += 1
            raise
        finally:
            held.calls -= 1
            self._close_if_unused(held)

    async def aclose(self) -> None:
        """Close everything, within a few seconds."""
        held, self._current = self._current, None
        if held is not None:
            self._close_if_unused(held)
        await asyncio.gather(*self._closings)

    async def _open(self) -> _Held:
        async with asyncio.timeout(_OPENING_S), self._opening:
            if self._current is None:
                manager = self._make()
                self._current = _Held(manager, await manager.__aenter__())
            return self._current

    def _close_if_unused(self, held: _Held) -> None:
        if held.calls == 0 and held is not self._current:
            closing = asyncio.create_task(_close(held))
            self._closings.add(closing)
            closing.add_done_callback(self._closings.discard)


async def _close(held: _Held) -> None:
    with suppress(TimeoutError, OSError, BotoCoreError):
        async with asyncio.timeout(_CLOSING_S):
            await held.manager.__aexit__(None, None, None)
