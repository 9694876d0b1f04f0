"""The note that `payflow up` leaves in its data directory, so that other commands find its servers."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

_NOTE = "running.json"


def write_running(data_dir: Path, variables: Mapping[str, str]) -> None:
    """Note the variables that lead to this process's servers. Readable by its owner alone."""
    note = {"pid": os.getpid(), "variables": dict(variables)}
    path = data_dir / _NOTE
    fresh = path.with_suffix(".fresh")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(note, indent=2) + "\n", "utf-8")
    fresh.replace(path)


def remove_running(data_dir: Path) -> None:
    """Take the note away; none being there is fine."""
    (data_dir / _NOTE).unlink(missing_ok=True)


def read_running(data_dir: Path) -> dict[str, str]:
    """Give the variables of the `payflow up` that runs on this directory, or nothing when none does."""
    try:
        note = json.loads((data_dir / _NOTE).read_text("utf-8"))
        pid, variables = int(note["pid"]), dict(note["variables"])
    except (OSError, ValueError, KeyError, TypeError):
        # Absent, half written or not ours: then there is no server to be found this way.
        return {}
    return variables if _alive(pid) else {}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
