"""Writes a stream as JSON lines, the form that `payflow send` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.workload.clock import CLOCK_START
from payflow.workload.stream import Workload

if TYPE_CHECKING:
    from datetime import datetime
    from os import PathLike

    from payflow.workload.mix import Mix


def write_jsonl(
    path: str | PathLike[str],
    seed: int,
    events: int,
    mix: Mix | None = None,
    *,
    clock_start: datetime = CLOCK_START,
) -> None:
    """Write exactly `events` deliveries of the seed's stream, one body a line.

    Raises:
        OSError: the file cannot be written.

    """
    with open(path, "wb") as lines:  # noqa: PTH123 - a PathLike is all that is asked for
        lines.writelines(body + b"\n" for body in Workload(seed, mix, clock_start=clock_start).bodies(events))
