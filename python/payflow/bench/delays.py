"""Puts delaying proxies in front of the embedded PostgreSQL and Valkey."""

from __future__ import annotations

import select
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

from payflow.bench.delay_proxy import READY
from payflow.embedded.process import Limits, ServerProcess

if TYPE_CHECKING:
    import subprocess

    from payflow.embedded import DataDirectory

_LIMITS = Limits(start_timeout_s=30.0, stop_timeout_s=5.0)


@dataclass(frozen=True)
class Delayed:
    """A server behind a proxy."""

    process: ServerProcess
    endpoint: str


def delayed_postgres(directory: DataDirectory, dsn: str, delay_ms: float) -> Delayed:
    """Start a proxy in front of PostgreSQL, and give the URL that leads through it."""
    query = parse_qs(urlsplit(dsn).query)
    host, port = query["host"][0], query["port"][0]
    listen = directory.sockets("delay") / f".s.PGSQL.{port}"
    process = _start("PostgreSQL delay", directory, listen, Path(host) / listen.name, delay_ms)
    return Delayed(process, dsn.replace(quote(host), quote(str(listen.parent))))


def delayed_redis(directory: DataDirectory, url: str, delay_ms: float) -> Delayed:
    """Start a proxy in front of Valkey, and give the URL that leads through it."""
    target = Path(unquote(url.removeprefix("unix://")))
    listen = directory.sockets("delay") / target.name
    process = _start("Valkey delay", directory, listen, target, delay_ms)
    return Delayed(process, f"unix://{quote(str(listen))}")


def _start(name: str, directory: DataDirectory, listen: Path, target: Path, delay_ms: float) -> ServerProcess:
    process = ServerProcess(name, log=directory.log("delay"), limits=_LIMITS)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "payflow.bench.delay_proxy",
        listen,
        target,
        f"{delay_ms:g}",
    ]
    child = process.spawn(command, pipe=True)
    process.wait_until(lambda: _is_ready(child))
    return process


def _is_ready(child: subprocess.Popen[bytes]) -> bool:
    if child.stdout is None or not select.select([child.stdout], [], [], 0)[0]:
        return False
    return child.stdout.readline() == READY
