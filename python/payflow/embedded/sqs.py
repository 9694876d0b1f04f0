"""PayFlow's own SQS server (rust/localsqs) as a process of its own."""

import os
import select
import socket
import subprocess
import sys

from payflow.embedded.data_directory import DataDirectory
from payflow.embedded.failure import EmbeddedFailed
from payflow.embedded.process import LIMITS, Limits, ServerProcess

_READY = b"ready "


class EmbeddedSqs:
    """The local SQS server on loopback; it keeps its messages in a snapshot when it stops.

    Args:
        directory: the locked data directory.
        port: the loopback port; 0 takes any free one.
        arguments: more arguments of `payflow local-sqs`, such as fault switches.
        limits: how long its start and its stop may take.

    """

    name = "local SQS"

    def __init__(
        self,
        directory: DataDirectory,
        *,
        port: int = 9324,
        arguments: tuple[str, ...] = (),
        limits: Limits = LIMITS,
    ) -> None:
        self._directory = directory
        self._port = port
        self._arguments = arguments
        self._limits = limits
        self._process = ServerProcess(self.name, log=directory.log("sqs"), limits=limits)
        self._endpoint = ""

    @property
    def endpoint(self) -> str:
        """The URL to give to SQS clients as endpoint."""
        return self._endpoint

    def start(self) -> None:
        """Start the server and wait for its ready line, which names the port."""
        self._refuse_taken_port()
        child = self._process.spawn(
            [
                *(sys.executable, "-m", "payflow", "local-sqs"),
                *("--host", "127.0.0.1", "--port", str(self._port)),
                *("--snapshot", self._directory.queue_snapshot),
                *self._arguments,
            ],
            pipe=True,
            environment=os.environ,
        )
        self._endpoint = ""
        self._process.wait_until(lambda: self._read_ready(child))

    def stop(self) -> None:
        """Stop the server; it saves its snapshot first."""
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

    def _read_ready(self, child: subprocess.Popen[bytes]) -> bool:
        if child.stdout is None:
            return False
        readable, _, _ = select.select([child.stdout], [], [], 0)
        if not readable:
            return False
        line = child.stdout.readline()
        if line.startswith(_READY):
            self._endpoint = line.removeprefix(_READY).decode("ascii").strip()
        return bool(self._endpoint)

    def _refuse_taken_port(self) -> None:
        """Look whether the port is free, for a clear error before the server's own."""
        if self._port == 0:
            return
        with socket.socket() as probe:
            # As servers do, so that connections of the last run in TIME_WAIT don't count as its users.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self._port))
            except OSError as error:
                raise EmbeddedFailed(
                    f"port {self._port}, which the local SQS server needs, can't be used: {error.strerror}",
                    "stop what listens there, or set PAYFLOW_EMBEDDED_SQS_PORT to another one (0: any free)",
                ) from error
