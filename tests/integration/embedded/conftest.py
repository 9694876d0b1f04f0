"""Data directories and servers for the tests of this folder."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from payflow.embedded import DataDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def open_path() -> Iterator[Path]:
    """A folder that the account of PostgreSQL can reach.

    When root runs the tests that is another account, and every new session of pytest closes the folder of
    all its temporary folders to others.
    """
    path = Path(tempfile.mkdtemp(prefix="payflow-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def data_path(open_path: Path) -> Path:
    """A new path for the data of one test."""
    return Path(tempfile.mkdtemp(dir=open_path)) / "data"


@pytest.fixture
def directory(data_path: Path) -> Iterator[DataDirectory]:
    """A locked data directory of its own."""
    with DataDirectory(data_path) as directory:
        yield directory
