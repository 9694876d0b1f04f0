"""What `payflow up` shows, put together from what its processes say."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

    from payflow.intake.queues import QueueDepths

HISTORY_S = 60
"""How many seconds of rates are kept for the curve."""


@dataclass
class Figures:
    """The latest figures; lines that can't be read and keys that are missing change nothing."""

    clock: Callable[[], float] = time.monotonic
    started_s: float = 0.0
    received: int = 0
    received_per_s: float = 0.0
    applied_per_s: float = 0.0
    in_hand: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    lag_ms: dict[str, float] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    fleet: str = ""
    """What the worker does as it is ordered, and the limits that it keeps to."""
    fed: int | None = None
    feed_failed: int = 0
    backlog: QueueDepths | None = None
    dead_letters: QueueDepths | None = None
    applied_history: deque[float] = field(default_factory=lambda: deque(maxlen=HISTORY_S))
    _received_s: float | None = None

    def begin(self) -> None:
        """Count the time from now on."""
        self.started_s = self.clock()

    @property
    def running_s(self) -> int:
        """Whole seconds since the start."""
        return int(self.clock() - self.started_s)

    def take_worker(self, line: bytes) -> None:
        """Take one status line of the worker."""
        status = _object(line)
        if status is None:
            return
        self._take_received(status)
        self.applied_per_s = _number(status.get("applied_per_s"), self.applied_per_s)
        self.applied_history.append(self.applied_per_s)
        self.in_hand = int(_number(status.get("in_hand"), self.in_hand))
        self.verdicts = _counts(status.get("verdicts"), self.verdicts)
        lag_ms = status.get("lag_ms")
        if isinstance(lag_ms, dict):
            self.lag_ms = {name: _number(value, 0.0) for name, value in lag_ms.items() if value is not None}
        self.fleet = _fleet(status.get("fleet"), self.fleet)
        errors = status.get("errors")
        self.errors = _counts({"errors": errors} if isinstance(errors, int) else errors, self.errors)

    def take_feeder(self, line: bytes) -> None:
        """Take one status line of the demo feeder."""
        status = _object(line)
        if status is not None:
            self.fed = int(_number(status.get("sent"), self.fed or 0))
            self.feed_failed = int(_number(status.get("failed"), self.feed_failed))

    def _take_received(self, status: dict[str, Any]) -> None:
        """Take the worker's total, and make a rate of what came since the last line."""
        received, now_s = int(_number(status.get("received"), self.received)), self.clock()
        if self._received_s is not None and now_s > self._received_s:
            self.received_per_s = max(0, received - self.received) / (now_s - self._received_s)
        self.received, self._received_s = received, now_s


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _counts(value: object, otherwise: dict[str, int]) -> dict[str, int]:
    if not isinstance(value, dict):
        return otherwise
    return {str(name): int(_number(count, 0)) for name, count in value.items()}


def _fleet(value: object, otherwise: str) -> str:
    """Write what the worker obeys in a few words."""
    if not isinstance(value, dict):
        return otherwise
    rate, merchants = value.get("rate_per_s"), value.get("merchants")
    parts = [str(value.get("state", "running"))]
    if isinstance(rate, int | float):
        parts.append(f"at most {rate:,g}/s")
    if isinstance(merchants, dict) and merchants:
        parts.append(f"{len(merchants)} merchants limited, {_number(value.get('held'), 0):,.0f} events wait")
    return ", ".join(parts)
