"""The directory that the embedded servers keep their data in; one `payflow up` at a time."""

import fcntl
import hashlib
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from payflow.embedded.failure import EmbeddedFailed

_FORMAT = "payflow data 1"
# A Unix socket's path has some 107 bytes; the longest name below `run/` is `postgres/.s.PGSQL.5432`.
_SOCKET_FOLDER_BYTES_MAX = 80


class DataDirectory:
    """Subfolders, a format mark, and a lock that its holder's end releases whatever happens.

    Use it as a context manager: entering makes and locks it, leaving unlocks it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock_fd: int | None = None

    @property
    def postgres(self) -> Path:
        """The database cluster."""
        return self.path / "postgres"

    @property
    def queue_snapshot(self) -> Path:
        """What the local SQS server held when it stopped."""
        return self.path / "queue" / "snapshot"

    @property
    def logs(self) -> Path:
        """One log file for each process."""
        return self.path / "logs"

    def log(self, name: str) -> Path:
        """Give the log file of one process."""
        return self.logs / f"{name}.log"

    def sockets(self, name: str) -> Path:
        """Give the folder of one server's Unix socket, made for its owner alone.

        A long path doesn't fit a socket's address; then the folder stands among the temporary files.
        """
        folder = self.path / "run"
        if len(os.fsencode(folder)) > _SOCKET_FOLDER_BYTES_MAX:
            digest = hashlib.sha256(os.fsencode(self.path.resolve())).hexdigest()[:12]
            folder = Path(tempfile.gettempdir()) / f"payflow-{os.geteuid()}-{digest}"
        folder.mkdir(exist_ok=True)
        if folder.stat().st_uid != os.geteuid():
            raise EmbeddedFailed(
                f"{folder} belongs to another user", "remove it, or choose a shorter path with --data-dir"
            )
        own = folder / name
        own.mkdir(mode=0o700, exist_ok=True)
        return own

    def __enter__(self) -> Self:
        """Make the directory, check that it is ours, and lock it.

        Raises:
            EmbeddedFailed: when it is in use, foreign, of another format, or can't be written.

        """
        try:
            self._prepare()
        except OSError as error:
            raise EmbeddedFailed(
                f"data directory {self.path} can't be used: {error.strerror} ({error.filename})",
                "free the path or its disk, or choose another directory with --data-dir",
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Unlock the directory."""
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None

    def _prepare(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self._check_format()
        self._lock()
        # Written after the lock: two first starts at once must not both think that they made it.
        (self.path / "format").write_text(_FORMAT + "\n", "utf-8")
        for folder in (self.queue_snapshot.parent, self.logs):
            folder.mkdir(exist_ok=True)

    def _check_format(self) -> None:
        mark = self.path / "format"
        if mark.exists():
            found = mark.read_text("utf-8", "replace").strip()
            if found != _FORMAT:
                raise EmbeddedFailed(
                    f"data directory {self.path} has format {found!r}; this PayFlow reads {_FORMAT!r}",
                    "start the PayFlow that made it, or choose another directory with --data-dir",
                )
        elif any(entry.name != "lock" for entry in self.path.iterdir()):
            raise EmbeddedFailed(
                f"{self.path} is not empty and not a PayFlow data directory",
                "choose an empty or a new directory with --data-dir",
            )

    def _lock(self) -> None:
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise EmbeddedFailed(
                f"data directory {self.path} is in use by process {holder}",
                f"stop that `payflow up` (kill {holder}), or choose another directory with --data-dir",
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        self._lock_fd = descriptor
