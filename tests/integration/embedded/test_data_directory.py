"""A data directory is ours, of our format, and held by one process at a time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from payflow.embedded import DataDirectory, EmbeddedFailed

if TYPE_CHECKING:
    from pathlib import Path


def refusal(path: Path) -> EmbeddedFailed:
    with pytest.raises(EmbeddedFailed) as caught, DataDirectory(path):
        pass
    assert caught.value.next_step
    return caught.value


def test_it_is_made_with_its_folders(tmp_path: Path) -> None:
    with DataDirectory(tmp_path / "a" / "b") as directory:
        assert directory.logs.is_dir()
        assert directory.queue_snapshot.parent.is_dir()


def test_a_second_holder_is_told_the_first_ones_pid(directory: DataDirectory) -> None:
    assert f"in use by process {os.getpid()}" in refusal(directory.path).problem


def test_it_can_be_taken_again_after_it_was_left(tmp_path: Path) -> None:
    for _ in range(2):
        with DataDirectory(tmp_path):
            pass


def test_a_holder_that_was_killed_leaves_no_lock(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        DataDirectory(tmp_path).__enter__()
        os._exit(9)
    os.waitpid(child, 0)
    with DataDirectory(tmp_path) as directory:
        assert (directory.path / "lock").read_text("ascii").strip() == str(os.getpid())


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    assert "not a PayFlow data directory" in refusal(tmp_path).problem
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_another_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "format").write_text("payflow data 99\n", "utf-8")
    assert "format 'payflow data 99'" in refusal(tmp_path).problem


def test_a_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "can't be used" in refusal(tmp_path / "file").problem


def test_a_long_path_gets_its_sockets_among_the_temporary_files(tmp_path: Path) -> None:
    with DataDirectory(tmp_path / ("long" * 30)) as directory:
        sockets = directory.sockets("postgres")
        assert directory.path not in sockets.parents
        assert len(os.fsencode(sockets)) < 90
        assert sockets.stat().st_mode & 0o777 == 0o700
        sockets.rmdir()
        sockets.parent.rmdir()


def test_sockets_belong_to_their_owner_alone(directory: DataDirectory) -> None:
    assert directory.sockets("valkey").stat().st_mode & 0o777 == 0o700
