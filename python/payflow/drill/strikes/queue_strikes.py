"""Faults of SQS: switches of the local server, and a network before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from payflow.drill.kinds import Lane
from payflow.drill.strikes.strike import Network

if TYPE_CHECKING:
    from payflow.drill.plan import Injection
    from payflow.faults import FaultProxy, LocalQueue

_WORKERS_ACTIONS: Final = (
    "ReceiveMessage",
    "DeleteMessage",
    "DeleteMessageBatch",
    "ChangeMessageVisibilityBatch",
)
_HANG_MS: Final = 60_000
_ALWAYS: Final[dict[str, Any]] = {
    "duplicate": 0.1,
    "reorder": 0.9,
    "reorder_window": 5_000,
    "delay": 0.05,
    "delay_ms": 3_000,
    "throttle": 0.05,
    "partial_batch_failure": 0.05,
    "lost_reply": 0.03,
    "added_latency_ms": 2,
    "latency_jitter_ms": 10,
}
"""What is on all the time when every fault is."""
_MESSAGES: Final[dict[str, dict[str, Any]]] = {
    "duplicates": {"duplicate": 1.0},
    "reordered": {"reorder": 1.0, "reorder_window": 5_000},
    "delayed": {"delay": 0.33, "delay_ms": 3_000},
}
_CALLS: Final[dict[str, dict[str, Any]]] = {
    "throttled": {"throttle": 0.9},
    "hung": {"added_latency_ms": _HANG_MS},
    "partly_failing": {"partial_batch_failure": 0.5},
    "lost_replies": {"lost_reply": 0.33},
    "slow": {"added_latency_ms": 100, "latency_jitter_ms": 200},
}
_SENDING: Final = {
    "throttled": {"throttle": 0.3},
    "partly_failing": {"partial_batch_failure": 0.3},
    "lost_replies": {"lost_reply": 0.1},
}
"""Milder for what is sent: the drill's own messages have to get in, and dead letters out."""


class QueueStrikes:
    """Both lanes of SQS: faults of messages and faults of calls are in force side by side.

    Args:
        queue: the server's switches.
        proxy: the network before it, for workers only.
        seed: of the server's own chance.
        always: whether some of every fault is on all the time.

    """

    def __init__(self, queue: LocalQueue, proxy: FaultProxy, seed: int, *, always: bool) -> None:
        self._queue = queue
        self._network = Network(proxy)
        self._seed = seed
        self._always = _ALWAYS if always else {}
        self._messages: str | None = None
        self._calls: str | None = None

    def open(self) -> None:
        """Switch on what is on all the time."""
        self._turn()

    def begin(self, injection: Injection) -> None:
        """See `Strikes.begin`."""
        name = injection.kind.name
        if injection.kind.lane is Lane.MESSAGES:
            self._messages = name
            self._turn()
        elif name in _CALLS:
            self._calls = name
            self._turn()
        elif name == "cut":
            self._network.cut()
        elif name == "torn":
            self._network.turn(torn_replies=injection.shots or 0)
        elif name == "frozen":
            self._network.turn(frozen=True)
        elif name == "refusing":
            self._network.turn(refusing=True)
            self._network.cut()
        else:
            raise ValueError(f"{injection.kind.slug}: no such fault of SQS")

    def end(self, injection: Injection) -> str:
        """See `Strikes.end`."""
        if injection.kind.lane is Lane.MESSAGES:
            self._messages = None
            self._turn()
            return ""
        self._calls = None
        self._turn()
        struck = self._network.clear()
        return f"{struck} answers" if injection.shots else ""

    def tend(self) -> None:
        """See `Strikes.tend`; nobody ends this server."""

    def heal(self) -> None:
        """See `Strikes.heal`; quiet is quiet, whatever is on all the time otherwise."""
        self._network.clear()
        self._queue.turn()

    def _turn(self) -> None:
        messages = {} if self._messages is None else _MESSAGES[self._messages]
        calls = {} if self._calls is None else _CALLS[self._calls]
        sending = {} if self._calls is None else _SENDING.get(self._calls, {})
        actions = {action: calls for action in _WORKERS_ACTIONS if calls}
        if sending:
            actions["SendMessageBatch"] = sending
        self._queue.turn(**self._always | messages | {"seed": self._seed, "actions": actions})
