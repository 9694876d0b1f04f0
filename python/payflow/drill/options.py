"""What a drill is asked to do."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from payflow.workload import Mix

if TYPE_CHECKING:
    from pathlib import Path

    from payflow.settings import Settings

DRILL_MIX: Final = Mix(duplicates=0.05, late=0.1, bad=0.004, faulty=0.01, envelopes=0.05)
"""What a drill sends: everything that a decoder or the payment machine can meet."""

CONTRADICTIONS_SHARE: Final = 0.2
"""Part of the time in which facts are sent that contradict their payments."""
CONTRADICTIONS_S_MAX: Final = 30.0
VISIBILITY_TIMEOUT_S: Final = 5

_QUICK: Final = {
    "PAYFLOW_QUEUE_VISIBILITY_TIMEOUT_S": str(VISIBILITY_TIMEOUT_S),
    "PAYFLOW_QUEUE_WAIT_TIME_S": "2",
    "PAYFLOW_QUEUE_RETRY_DELAY_MIN_S": "0.2",
    "PAYFLOW_QUEUE_RETRY_DELAY_MAX_S": "3",
    "PAYFLOW_BUDGET_SHARE": "0",
    "PAYFLOW_BUDGET_LONG_WAIT_MIN_S": "1",
    "PAYFLOW_DEFERRAL_INTERVAL_S": "0.5",
    "PAYFLOW_DEFERRAL_ELECTION_INTERVAL_S": "2",
    "PAYFLOW_POSTGRES_STATEMENT_TIMEOUT_MS": "2000",
    "PAYFLOW_POSTGRES_CONNECT_TIMEOUT_S": "1",
    "PAYFLOW_POSTGRES_PROBE_DELAY_MAX_S": "0.5",
    "PAYFLOW_SWEEPER_INTERVAL_S": "5",
    "PAYFLOW_SWEEPER_DEAD_LETTERS_HIDDEN_S": "2",
    "PAYFLOW_WORKER_SHUTDOWN_TIMEOUT_S": "8",
    "PAYFLOW_WORKER_METRICS_PORT": "0",
    "PAYFLOW_LOGGING_FORMAT": "json",
    "PAYFLOW_LOGGING_LEVEL": "info",
}
"""Times that are shorter than in production, so that a minute has many outages, timeouts and returns. What
decides is the same."""


@dataclass(frozen=True)
class DrillOptions:
    """One drill."""

    seed: int
    minutes: float = 1.0
    """How long faults strike; `events` says otherwise."""
    events: int | None = None
    """How many deliveries are sent under faults, however long that takes at the rate."""
    rate: int = 500
    """Deliveries a second that are sent meanwhile."""
    workers: int = 2
    every_fault: bool = False
    """The queue's own faults are on all the time, and not only in turn."""
    data_dir: Path | None = None
    """Where servers and logs are; a temporary directory that goes away unless the drill fails without."""

    @property
    def load_s(self) -> float:
        """How long facts are sent."""
        if self.events is not None:
            return self.events / self.rate
        return self.minutes * 60 - self.contradictions_s

    @property
    def contradictions_s(self) -> float:
        """How long facts are sent after that which contradict their payments."""
        seconds = self.events / self.rate if self.events is not None else self.minutes * 60
        return min(seconds * CONTRADICTIONS_SHARE, CONTRADICTIONS_S_MAX)

    @property
    def deliveries(self) -> int:
        """How many are sent, contradictions included."""
        return self.events or max(1, round(self.rate * self.load_s))

    @property
    def command(self) -> str:
        """The command that has the same faults again."""
        size = f"--minutes {self.minutes:g}" if self.events is None else f"--events {self.events}"
        every = " --every-fault" if self.every_fault else ""
        return f"payflow drill --seeds {self.seed} {size} --rate {self.rate} --workers {self.workers}{every}"


def quick_variables() -> dict[str, str]:
    """Give the environment variables that a drill's workers run under."""
    return dict(_QUICK)


def quick_settings(settings: Settings) -> Settings:
    """Give the settings with which the queue is made: its times are the workers'."""
    queue = dataclasses.replace(settings.queue, visibility_timeout_s=VISIBILITY_TIMEOUT_S, wait_time_s=2)
    return dataclasses.replace(settings, queue=queue)
