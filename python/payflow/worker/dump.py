"""SIGUSR1: says in the log what every task of this worker is doing, also while the event loop is blocked."""

from __future__ import annotations

import asyncio
import signal
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

FRAMES_MAX: Final = 32
"""Frames of one task, the outermost first."""
TASKS_MAX: Final = 200

log = structlog.get_logger(__name__)


class Dump:
    """Answers SIGUSR1.

    The handler is Python's own and not the loop's: it runs between two instructions of whatever blocks the
    loop, which is when somebody wants to know.

    Args:
        loop: the loop whose tasks are told.
        facts: what else is worth knowing, as plain data.

    """

    def __init__(self, loop: asyncio.AbstractEventLoop, facts: Callable[[], dict[str, Any]]) -> None:
        self._loop = loop
        self._facts = facts

    def listen(self) -> None:
        """Take SIGUSR1 from now on. Only for the main thread."""
        signal.signal(signal.SIGUSR1, self._answer)

    def _answer(self, _number: int, frame: FrameType | None) -> None:
        # The signal may come amid the writing of another log line; then this one is given up.
        with suppress(RuntimeError):
            tasks = sorted(asyncio.all_tasks(self._loop), key=asyncio.Task.get_name)[:TASKS_MAX]
            log.info(
                "worker_dump",
                running=[] if frame is None else _lines(traceback.extract_stack(frame)),
                tasks={task.get_name(): waits_at(task) for task in tasks},
                **self._facts(),
            )


def waits_at(task: asyncio.Task[Any]) -> list[str]:
    """Give where a task waits, from its outermost coroutine to the innermost."""
    stack: list[traceback.FrameSummary] = []
    awaited: Any = task.get_coro()
    while awaited is not None and len(stack) < FRAMES_MAX:
        frame = _first(awaited, "cr_frame", "gi_frame", "ag_frame")
        if frame is not None:
            stack += traceback.extract_stack(frame, limit=1)
        awaited = _first(awaited, "cr_await", "gi_yieldfrom", "ag_await")
    return _lines(stack)


def _first(awaited: Any, *names: str) -> Any:
    """Give the first of these attributes that is there: coroutines, generators and async ones name theirs."""
    return next((value for name in names if (value := getattr(awaited, name, None)) is not None), None)


def _lines(stack: list[traceback.FrameSummary]) -> list[str]:
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in stack[-FRAMES_MAX:]]
