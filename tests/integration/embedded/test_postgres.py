"""The embedded PostgreSQL is durable, keeps its data, and says clearly what is wrong."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import asyncpg
import psutil
import pytest
from payflow.embedded import DataDirectory, EmbeddedFailed, EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def made(open_path: Path) -> Path:
    """A data directory whose cluster was made, and stopped."""
    path = open_path / "made"
    with DataDirectory(path) as directory:
        postgres = EmbeddedPostgres(directory)
        postgres.start()
        postgres.stop()
    return path


@pytest.fixture
def kept(made: Path) -> Iterator[DataDirectory]:
    """That directory, locked; its cluster is as good after the test as before."""
    with DataDirectory(made) as directory:
        yield directory


@pytest.fixture
def hollow(directory: DataDirectory) -> DataDirectory:
    """A directory whose cluster looks whole, and holds nothing."""
    for name in ("base", "global", "pg_wal"):
        (directory.postgres / name).mkdir(parents=True)
    for name in ("global/pg_control", "postgresql.conf"):
        (directory.postgres / name).touch()
    (directory.postgres / "PG_VERSION").write_text("18\n", "ascii")
    return directory


def gone(pid: int) -> bool:
    """Say whether a process has ended, even when nobody has asked how."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


async def fetchval(postgres: EmbeddedPostgres, query: str) -> object:
    connection = await asyncpg.connect(postgres.endpoint)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_commits_are_durable_and_text_is_compared_by_code_point(kept: DataDirectory) -> None:
    postgres = EmbeddedPostgres(kept)
    postgres.start()
    try:
        for name, value in {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "listen_addresses": "",
            "TimeZone": "UTC",
        }.items():
            assert await fetchval(postgres, f"SHOW {name}") == value
        assert await fetchval(postgres, "SELECT 'Z' < 'a' AND 'z' < 'ä'") is True
        assert str(await fetchval(postgres, "SHOW server_version")).startswith("18")
        assert await fetchval(postgres, "SELECT current_database()") == "payflow"
    finally:
        postgres.stop()


async def test_data_is_there_after_a_restart(kept: DataDirectory) -> None:
    postgres = EmbeddedPostgres(kept)
    postgres.start()
    await fetchval(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.stop()
    postgres.start()
    assert await fetchval(postgres, "SELECT answer FROM kept") == 42
    postgres.stop()


def test_stopped_it_has_no_process_left(kept: DataDirectory) -> None:
    postgres = EmbeddedPostgres(kept)
    assert not postgres.healthy()
    postgres.start()
    pids = postgres.pids()
    assert len(pids) > 1
    assert postgres.healthy()
    assert postgres.cpu_s() >= 0
    postgres.stop()
    assert postgres.pids() == ()
    assert all(gone(pid) for pid in pids)


def test_stopping_twice_is_fine(kept: DataDirectory) -> None:
    postgres = EmbeddedPostgres(kept)
    postgres.start()
    postgres.stop()
    postgres.stop()


@pytest.mark.parametrize("vital", ["PG_VERSION", "global/pg_control", "pg_wal"])
def test_a_broken_cluster_is_named_and_left_alone(hollow: DataDirectory, vital: str) -> None:
    broken = hollow.postgres / vital
    shutil.rmtree(broken) if broken.is_dir() else broken.unlink()
    with pytest.raises(EmbeddedFailed) as caught:
        EmbeddedPostgres(hollow).start()
    assert f"broken: {vital} missing" in caught.value.problem
    assert "backup" in caught.value.next_step


def test_a_cluster_that_the_server_refuses_is_reported_with_its_own_words(kept: DataDirectory) -> None:
    settings = kept.postgres / "postgresql.conf"
    good = settings.read_text("utf-8")
    settings.write_text(good + "\nno_such_setting = 1\n", "utf-8")
    try:
        with pytest.raises(EmbeddedFailed) as caught:
            EmbeddedPostgres(kept).start()
    finally:
        settings.write_text(good, "utf-8")
    assert "ended while starting" in caught.value.problem
    assert "no_such_setting" in caught.value.problem


def test_another_version_is_named(hollow: DataDirectory) -> None:
    (hollow.postgres / "PG_VERSION").write_text("15\n", "ascii")
    with pytest.raises(EmbeddedFailed, match="of version 15; this PayFlow runs version 18"):
        EmbeddedPostgres(hollow).start()


def test_a_pid_file_of_a_process_that_is_something_else_is_no_hindrance(kept: DataDirectory) -> None:
    lines = [str(os.getpid()), str(kept.postgres), "0", "5432", "", "", "0 0", "ready"]
    (kept.postgres / "postmaster.pid").write_text("\n".join(lines) + "\n", "ascii")
    postgres = EmbeddedPostgres(kept)
    postgres.start()
    postgres.stop()


def test_a_half_made_cluster_is_made_anew(directory: DataDirectory) -> None:
    fresh = directory.postgres.with_name("postgres.fresh")
    fresh.mkdir()
    (fresh / "PG_VERSION").touch()
    postgres = EmbeddedPostgres(directory)
    postgres.start()
    assert not fresh.exists()
    postgres.stop()


STARTER = """
    import sys, signal
    from pathlib import Path
    from payflow.embedded import DataDirectory, EmbeddedPostgres
    with DataDirectory(Path(sys.argv[1])) as directory:
        postgres = EmbeddedPostgres(directory)
        postgres.start()
        print(*postgres.pids(), flush=True)
        signal.pause()
"""


def test_a_killed_parent_takes_its_server_along_and_the_next_one_starts(made: Path) -> None:
    parent = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", textwrap.dedent(STARTER), str(made)], stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    with parent.stdout:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert pids
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    with DataDirectory(made) as directory:
        postgres = EmbeddedPostgres(directory)
        postgres.start()
        assert asyncio.run(fetchval(postgres, "SELECT 1")) == 1
        assert pids[0] not in postgres.pids()
        postgres.stop()
    assert gone(pids[0])
