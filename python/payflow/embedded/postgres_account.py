"""The account that PostgreSQL runs as: ours, or a plain one when we are root, which it refuses."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from payflow.embedded.failure import EmbeddedFailed

_PLAIN_ACCOUNT = "payflow-postgres"
_USERADD_TIMEOUT_S = 20


@dataclass(frozen=True)
class PostgresAccount:
    """Whose processes and files PostgreSQL's are; `name` is None when they are simply ours."""

    name: str | None

    @classmethod
    def current(cls) -> Self:
        """Find the account, and make the plain one when we are root and it is missing.

        Raises:
            EmbeddedFailed: when the account can't be made.

        """
        if os.geteuid() != 0:
            return cls(None)
        try:
            pwd.getpwnam(_PLAIN_ACCOUNT)
        except KeyError:
            _make_account()
        return cls(_PLAIN_ACCOUNT)

    def options(self) -> dict[str, Any]:
        """Give the arguments that make `subprocess` run a command as this account."""
        return {} if self.name is None else {"user": self.name, "group": self.name, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Make the account the owner of one folder."""
        if self.name is not None:
            shutil.chown(path, self.name, self.name)

    def reach(self, path: Path) -> None:
        """Let the account pass through the folders above `path`, and `path` itself.

        Passing (`o+x`) shows nothing of what a folder holds; only folders that lack it are touched.
        """
        if self.name is None:
            return
        owner = pwd.getpwnam(self.name).pw_uid
        for folder in (path, *path.parents):
            mode = folder.stat()
            if mode.st_uid != owner and not mode.st_mode & stat.S_IXOTH:
                folder.chmod(stat.S_IMODE(mode.st_mode) | stat.S_IXOTH)


def _make_account() -> None:
    command = ["useradd", "--system", "--shell", "/bin/false", _PLAIN_ACCOUNT]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_USERADD_TIMEOUT_S)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedFailed(
            f"PostgreSQL refuses to run as root, and the account {_PLAIN_ACCOUNT} can't be made: {error}",
            f"run `{' '.join(command)}`, or start PayFlow as a plain user",
        ) from error
