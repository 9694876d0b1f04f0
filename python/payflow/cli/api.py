"""`payflow api`: serves the API and the console."""

from __future__ import annotations

import cyclopts

from payflow.cli.output import print_line

app = cyclopts.App(name="api")


@app.default
def api() -> int:
    """Serve the API and the console until SIGTERM or Ctrl-C; calls under way are finished first."""
    from payflow.api.run import run_api  # noqa: PLC0415
    from payflow.cli.aws import allow_local_queue  # noqa: PLC0415
    from payflow.settings import load  # noqa: PLC0415
    from payflow.telemetry.logs import configure  # noqa: PLC0415

    settings = load()
    allow_local_queue(settings)
    configure(settings.logging.level, settings.logging.format)
    return run_api(settings, write=print_line)
