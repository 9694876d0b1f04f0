"""The command line: one file a command, loaded when it is called, so that help is quick."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import cyclopts

from payflow.cli.exits import Exit, explain

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["app", "main", "run"]

DEMO_RATE_DEFAULT = 200
"""Events per second of `payflow up --demo` without a number."""

app = cyclopts.App(
    name="payflow",
    help="Applies payment events from Amazon SQS exactly once, with an audit trail.",
    help_epilogue=(
        "Exit codes: 0 done; 1 differences found or entries failed; 2 wrong usage or settings; "
        "3 a server, queue or tool can't be had; 4 a process of `payflow up` ended by itself; "
        "70 a fault in PayFlow; 130 interrupted. PAYFLOW_DEBUG=1 shows tracebacks."
    ),
    help_format="plaintext",
    version_flags=["--version"],
    result_action="return_value",
)

_COMMANDS = {
    "up": "Run everything on this machine: PostgreSQL, Valkey, SQS, migrations, a worker, the API.",
    "worker": "Apply events from the queue until it is told to stop.",
    "api": "Serve the API and the console until it is told to stop.",
    "user": "Create accounts, list them, disable them, reset passwords.",
    "openapi": "Print the API's OpenAPI document, or hold it against a file.",
    "migrate": "Bring the database's schema up to date.",
    "queue": "Make the queue and its dead-letter queue, check them, look at them.",
    "settings": "List every setting with its unit, default and value in force.",
    "send": "Send JSON lines to the queue.",
    "payment": "Look at one payment.",
    "dlq": "Look at dead letters, replay or discard them.",
    "parked": "Look at facts that wait for other facts.",
    "fleet": "Pause, drain and limit workers while they run, and look at them.",
    "verify": "Prove that the books follow from the audit trail.",
    "seed": "Fill a database with payments and their past, for measuring and for looking at.",
    "bench": "Measure the pipeline.",
    "drill": "Break everything on purpose, and prove that the books are right all the same.",
    "local-sqs": "Run the local SQS server alone.",
}
# Started by `payflow up --demo`; of no use to anybody else.
_HIDDEN_COMMANDS = {"demo": "Feed the queue with a realistic stream, at a rate."}

for _name, _help in (_COMMANDS | _HIDDEN_COMMANDS).items():
    _module = _name.replace("-", "_")
    app.command(f"payflow.cli.{_module}:app", name=_name, help=_help, show=_name not in _HIDDEN_COMMANDS)


def main() -> None:
    """Run the command that the process was started with, and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(tokens: Sequence[str]) -> int:
    """Run one command and give its exit code; errors are a line and a next step on standard error."""
    try:
        result = app(with_demo_rate(tokens), exit_on_error=False)
    except cyclopts.CycloptsError:
        return Exit.USAGE  # cyclopts has said what is wrong
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output is gone, as in `payflow settings | head`: nothing is wrong, and nothing
        # may be written to it when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:
        if os.environ.get("PAYFLOW_DEBUG"):
            raise
        code, text = explain(error)
        print(text, file=sys.stderr)  # noqa: T201 - this is the command line
        return code
    return result if isinstance(result, int) else Exit.OK


def with_demo_rate(tokens: Sequence[str]) -> list[str]:
    """Give `--demo` its default rate when no number follows it."""
    given = list(tokens)
    if "--demo" in given:
        after = given.index("--demo") + 1
        if after == len(given) or given[after].startswith("-"):
            given.insert(after, str(DEMO_RATE_DEFAULT))
    return given
