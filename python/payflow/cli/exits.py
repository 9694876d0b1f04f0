"""Exit codes and error texts of all commands, in one place."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from payflow.errors import (
    ConfigurationError,
    PayFlowError,
    QueueError,
    SettingsInvalid,
    StoreError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Exit(IntEnum):
    """What a command's exit code means."""

    OK = 0
    """Done, and nothing is wrong."""
    DIFFERENCES = 1
    """Done; differences were found, or some entries failed. They are listed."""
    USAGE = 2
    """The command or a setting is wrong; nothing was done."""
    UNREACHABLE = 3
    """A server, queue, tool or data directory can't be used."""
    PART_ENDED = 4
    """A process of `payflow up` ended by itself; the others were stopped in order."""
    FAULT = 70
    """A fault in PayFlow itself."""
    INTERRUPTED = 130
    """Interrupted before it was done."""


class PartEnded(Exception):  # noqa: N818 - it tells what happened
    """A process of `payflow up` ended by itself."""

    def __init__(self, name: str, last_lines: str, logs: Path) -> None:
        super().__init__(
            f"{name} ended by itself: {last_lines}\n"
            f"Everything else was stopped in order.\nNext: read the logs in {logs}"
        )


def explain(error: Exception) -> tuple[Exit, str]:
    """Give the exit code of an error, and its text for operators: what is wrong, then the next step."""
    text = str(error)
    match error:
        case SettingsInvalid():
            return Exit.USAGE, _list_of_problems(error.problems)
        case StoreError() | QueueError() | ConfigurationError():
            code = Exit.UNREACHABLE
        case PartEnded():
            code = Exit.PART_ENDED
        case PayFlowError():
            code = Exit.DIFFERENCES
        case ImportError() if "_native" in text:
            code, text = (
                Exit.UNREACHABLE,
                f"PayFlow's Rust extension is not built: {text}\nNext: `make build`",
            )
        case _:
            code = Exit.FAULT
            text = (
                f"PayFlow failed: {type(error).__name__}: {text}\n"
                "Next: run it again with PAYFLOW_DEBUG=1, and report the traceback"
            )
    return code, text


def _list_of_problems(problems: Sequence[str]) -> str:
    next_step = "Next: `payflow settings` explains every setting"
    if len(problems) == 1:
        return f"{problems[0]}\n{next_step}"
    lines = "\n".join(f"  {problem}" for problem in problems)
    return f"{len(problems)} settings are wrong:\n{lines}\n{next_step}"
