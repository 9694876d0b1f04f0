"""`payflow local-sqs`: the SQS-compatible server alone."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations at run time
from typing import Annotated

import cyclopts
from cyclopts import Parameter

app = cyclopts.App(name="local-sqs")


@app.default
def local_sqs(
    *,
    host: Annotated[
        str, Parameter(help="Address to listen on; loopback unless told otherwise.")
    ] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Port to listen on; 0 takes any free one.")] = 9324,
    snapshot: Annotated[
        Path | None, Parameter(help="File that keeps the messages from one run to the next.")
    ] = None,
    faults: Annotated[
        str | None, Parameter(help='Fault switches as JSON, such as {"seed": 7, "duplicate": 0.1}.')
    ] = None,
) -> None:
    """Serve the SQS protocol until SIGTERM or Ctrl-C, then save the snapshot.

    Prints `ready http://HOST:PORT` once it takes calls.
    """
    from payflow._native import serve_localsqs  # noqa: PLC0415
    from payflow.embedded import EmbeddedFailed  # noqa: PLC0415
    from payflow.errors import SettingsInvalid  # noqa: PLC0415

    try:
        serve_localsqs(
            host, port, faults_json=faults, snapshot_path=None if snapshot is None else str(snapshot)
        )
    except ValueError as error:
        raise SettingsInvalid([str(error)]) from error
    except OSError as error:
        raise EmbeddedFailed(
            f"the local SQS server can't run: {error}", "give another --port, or another file as --snapshot"
        ) from error
