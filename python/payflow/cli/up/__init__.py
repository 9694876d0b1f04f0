"""`payflow up`: everything on this machine, in one command."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations at run time
from typing import Annotated

import cyclopts
from cyclopts import Parameter, validators

app = cyclopts.App(name="up")

RATE_MAX = 20_000
"""Most events per second that one feeder is asked for."""


@app.default
def up(
    *,
    demo: Annotated[
        int | None,
        Parameter(
            validator=validators.Number(gte=1, lte=RATE_MAX),
            help="Feed the queue with a realistic stream of this many events per second; 200 without.",
        ),
    ] = None,
    data_dir: Annotated[
        Path | None, Parameter(help="Where the servers keep their data; PAYFLOW_DATA_DIR by default.")
    ] = None,
    duration: Annotated[
        float | None,
        Parameter(validator=validators.Number(gt=0), help="Stop by itself after this many seconds."),
    ] = None,
) -> int:
    """Run PostgreSQL, Valkey, a local SQS server, a worker and the API with its console until Ctrl-C.

    A backend that a setting names (PAYFLOW_POSTGRES_DSN, PAYFLOW_REDIS_URL, PAYFLOW_QUEUE_ENDPOINT_URL or
    PAYFLOW_QUEUE_URL) is used instead of an embedded one. The next run on the same data goes on where this
    one stopped.
    """
    from payflow.cli.up.run import run  # noqa: PLC0415

    return run(rate=demo, data_dir=data_dir, duration_s=duration)
