"""`payflow worker`: applies events from the queue."""

from __future__ import annotations

from typing import Annotated, Literal

import cyclopts
from cyclopts import Parameter

app = cyclopts.App(name="worker")


@app.default
def worker(
    *,
    status: Annotated[
        Literal["json"] | None, Parameter(help="Print one JSON object of live figures a second.")
    ] = None,
) -> int:
    """Apply events from the queue until SIGTERM or Ctrl-C; what is in hand is finished first."""
    from payflow.settings import load  # noqa: PLC0415
    from payflow.telemetry.logs import configure  # noqa: PLC0415
    from payflow.worker import run_worker  # noqa: PLC0415

    settings = load()
    configure(settings.logging.level, settings.logging.format)
    return run_worker(settings, status=status)
