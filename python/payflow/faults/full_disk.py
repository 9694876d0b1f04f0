"""A disk that is full for one server: its files may not grow past a size, as under a quota.

The kernel's limit on the size of files makes a real server's real writes fail, needs no right beyond those
over the server's processes, and is lifted at once. A disk of its own would need the right to mount one.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import psutil

from payflow.embedded.postgres_account import PostgresAccount
from payflow.faults.failure import FaultsFailed

if TYPE_CHECKING:
    from payflow.embedded import EmbeddedServer

WAL_SEGMENT_BYTES: Final = 16 * 2**20
"""Size of the files of PostgreSQL's write-ahead log: at this limit the log goes on and tables don't."""

_UNLIMITED: Final = -1
_PROGRAM_TIMEOUT_S = 10.0
_ROUNDS_MAX = 10


def limit_file_size(server: EmbeddedServer, size_bytes_max: int | None) -> None:
    """Let no file of the server grow past a size from now on; None lifts the limit.

    Processes that the server starts later inherit it.

    Raises:
        FaultsFailed: when the limit can't be set.

    """
    soft = _UNLIMITED if size_bytes_max is None else size_bytes_max
    limited: set[int] = set()
    # The first process comes first; what it starts meanwhile shows in the next round.
    for _ in range(_ROUNDS_MAX):
        fresh = [pid for pid in server.pids() if pid not in limited]
        if not fresh:
            return
        for pid in fresh:
            _limit(pid, soft)
            limited.add(pid)


def _limit(pid: int, soft: int) -> None:
    try:
        psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (soft, _UNLIMITED))
    except psutil.NoSuchProcess:
        return
    except (psutil.AccessDenied, PermissionError):
        _limit_as_owner(pid, soft)


def _limit_as_owner(pid: int, soft: int) -> None:
    """Set the limit as the server's own account: root in a container may lack the right to."""
    program = shutil.which("prlimit")
    if program is None:
        raise FaultsFailed("the program prlimit is missing\nNext: install util-linux, or run as a plain user")
    value = "unlimited" if soft == _UNLIMITED else str(soft)
    done = subprocess.run(  # noqa: S603 - our own arguments
        [program, "--pid", str(pid), f"--fsize={value}:unlimited"],
        capture_output=True,
        text=True,
        timeout=_PROGRAM_TIMEOUT_S,
        cwd="/",
        check=False,
        **PostgresAccount.current().options(),
    )
    if done.returncode != 0 and psutil.pid_exists(pid):
        raise FaultsFailed(f"no limit on the files of process {pid}: {done.stderr.strip()}")
