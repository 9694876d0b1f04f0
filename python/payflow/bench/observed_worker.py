"""The worker of `payflow bench latency`: `payflow worker` with one more look at each commit.

Each event names in its correlation id when it was meant to be sent, so that what a late sender adds counts.
"""

from __future__ import annotations

import sys
from array import array
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payflow.events import PaymentEvent

_PREFIX = "intended-"


def correlation_id(intended_us: int) -> str:
    """Name the Unix time in microseconds at which an event is meant to be sent."""
    return f"{_PREFIX}{intended_us}"


class Lags:
    """Lags from the intended time of sending to the commit, one for each delivery, in milliseconds."""

    def __init__(self) -> None:
        self.lags_ms = array("d")

    def committed(self, events: Sequence[PaymentEvent], committed_at_ms: float) -> None:
        """Take the events of one commit; those that name no time are warm-up."""
        for event in events:
            told = event.correlation_id
            if told is not None and told.startswith(_PREFIX):
                self.lags_ms.append(committed_at_ms - int(told.removeprefix(_PREFIX)) / 1_000)


def main() -> int:
    """Run the worker until a signal, then print all lags as one JSON list."""
    from payflow.settings import load  # noqa: PLC0415
    from payflow.telemetry.logs import configure  # noqa: PLC0415
    from payflow.worker import run_worker  # noqa: PLC0415

    settings, lags = load(), Lags()
    configure(settings.logging.level, settings.logging.format)
    code = run_worker(settings, observe=lags.committed)
    sys.stdout.buffer.write(orjson.dumps({"lags_ms": lags.lags_ms.tolist()}) + b"\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
