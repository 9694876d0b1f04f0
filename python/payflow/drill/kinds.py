"""Every fault that a drill knows: where it strikes, how long it lasts, what it is in the operator's words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["KINDS", "SHOTS_MAX", "Kind", "Lane", "deck_of"]

SHOTS_MAX: Final = 5
"""Most strikes of a fault that is counted rather than timed."""


class Lane(StrEnum):
    """Faults of one lane follow each other; faults of different lanes strike at the same time."""

    MESSAGES = "sqs messages"
    CALLS = "sqs calls"
    POSTGRES = "postgres"
    VALKEY = "valkey"
    WORKER = "worker"


@dataclass(frozen=True)
class Kind:
    """One kind of fault."""

    lane: Lane
    name: str
    lasts_s: tuple[float, float]
    """Shortest and longest; both 0 for what is over at once."""
    told: str
    counted: bool = False
    """It strikes a drawn number of times, within its time at most."""
    weight: int = 1
    """How often it comes while each other kind of its lane comes once."""

    @property
    def slug(self) -> str:
        """Name it with its part, as plans and reports do."""
        return f"{self.lane.partition(' ')[0]}.{self.name}"


_AT_ONCE = (0.0, 0.0)

KINDS: Final = (
    Kind(Lane.MESSAGES, "duplicates", (2, 6), "every message is delivered twice"),
    Kind(Lane.MESSAGES, "reordered", (2, 6), "messages come thousands of places out of turn"),
    Kind(Lane.MESSAGES, "delayed", (2, 6), "a third of the messages becomes visible 3 s late"),
    Kind(Lane.CALLS, "throttled", (1, 5), "nine calls of ten are refused"),
    Kind(Lane.CALLS, "hung", (1, 5), "no call is answered"),
    Kind(Lane.CALLS, "partly_failing", (2, 6), "half of the entries of each batch fail"),
    Kind(Lane.CALLS, "lost_replies", (2, 6), "a third of the calls takes effect and gets no answer"),
    Kind(Lane.CALLS, "slow", (2, 6), "each call takes 100 to 300 ms longer"),
    Kind(Lane.CALLS, "cut", _AT_ONCE, "all connections are reset"),
    Kind(Lane.CALLS, "frozen", (1, 5), "the network takes everything and brings nothing"),
    Kind(Lane.CALLS, "refusing", (1, 4), "connections are refused"),
    Kind(Lane.CALLS, "torn", (3, 6), "answers end in the middle", counted=True),
    Kind(Lane.POSTGRES, "restarted", (0.5, 3), "an operator restarts it"),
    Kind(Lane.POSTGRES, "killed", (0.5, 3), "kill -9 of all its processes"),
    Kind(Lane.POSTGRES, "frozen", (2, 6), "all its processes stand still"),
    Kind(Lane.POSTGRES, "network_frozen", (2, 6), "the network takes everything and brings nothing"),
    Kind(Lane.POSTGRES, "unreachable", (1, 4), "connections are reset, and new ones refused"),
    Kind(Lane.POSTGRES, "cut", _AT_ONCE, "all connections are reset"),
    Kind(Lane.POSTGRES, "commits_lost", (3, 6), "commits never arrive, their connections die", counted=True),
    Kind(Lane.POSTGRES, "commits_unanswered", (3, 6), "commits take effect, no answer comes", counted=True),
    Kind(Lane.POSTGRES, "torn", (3, 6), "answers end in the middle", counted=True),
    Kind(Lane.POSTGRES, "slow", (2, 6), "each exchange takes 50 ms longer"),
    Kind(Lane.POSTGRES, "read_only", (2, 5), "it reads and does not write"),
    Kind(Lane.POSTGRES, "disk_full", (1, 4), "none of its files can be written to the end, the log neither"),
    Kind(Lane.POSTGRES, "tables_full", (2, 5), "tables larger than 16 MiB can't grow"),
    Kind(Lane.VALKEY, "killed", (0.5, 4), "kill -9; it comes back empty"),
    Kind(Lane.VALKEY, "frozen", (1, 5), "its process stands still"),
    Kind(Lane.VALKEY, "flushed", _AT_ONCE, "all marks and scripts are gone"),
    Kind(Lane.VALKEY, "read_only", (1, 5), "it has become a replica that takes no writes"),
    Kind(Lane.VALKEY, "memory_full", (1, 5), "it has no memory for another mark"),
    Kind(Lane.VALKEY, "cut", _AT_ONCE, "all connections are reset"),
    Kind(Lane.VALKEY, "torn", (3, 6), "answers end in the middle", counted=True),
    Kind(Lane.VALKEY, "slow", (2, 5), "each exchange takes 150 ms, longer than its deadline"),
    Kind(Lane.WORKER, "killed", _AT_ONCE, "kill -9, then a new one", weight=3),
    Kind(Lane.WORKER, "replaced", _AT_ONCE, "SIGTERM, then a new one"),
    Kind(Lane.WORKER, "hurried", _AT_ONCE, "SIGTERM twice, then a new one"),
    Kind(Lane.WORKER, "frozen", (2, 8), "SIGSTOP for longer than the visibility timeout, then SIGCONT"),
    Kind(Lane.WORKER, "blocked", (2, 8), "its event loop is blocked"),
    Kind(Lane.WORKER, "clock_ahead", (2, 6), "its clock jumps an hour ahead, and back"),
    Kind(Lane.WORKER, "clock_behind", (2, 6), "its clock jumps an hour back, and ahead again"),
)
"""All of them."""


def deck_of(lane: Lane) -> list[Kind]:
    """Give the kinds of one lane, each as often as it weighs, always in the same order."""
    return [kind for kind in KINDS if kind.lane is lane for _ in range(kind.weight)]
