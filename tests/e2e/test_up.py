"""`payflow up` runs everything from nothing, stops in order, and goes on where it stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import httpx
import psutil
import pytest
from payflow.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUS = re.compile(r"^\d\d:\d\d:\d\d in=\d+/s applied=\d+/s .*lag_p50_ms=.*backlog=\d+.*errors=\d+ fed=\d+$")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that the account of PostgreSQL can reach, when root runs the tests."""
    path = Path(tempfile.mkdtemp(prefix="payflow-test-"))
    path.chmod(0o711)
    yield path / "data"
    shutil.rmtree(path)


@contextlib.contextmanager
def started(data_dir: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start `payflow up` without a terminal and without anybody's settings; end it if the test doesn't."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PAYFLOW_", "AWS_"))
    }
    environment |= {
        "PAYFLOW_EMBEDDED_SQS_PORT": "0",
        "PAYFLOW_API_PORT": "0",
        "PAYFLOW_WORKER_METRICS_PORT": "0",
    }
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "payflow", "up", "--data-dir", str(data_dir), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def until_ready(process: subprocess.Popen[str]) -> dict[str, str]:
    """Read up to the ready line, and give the endpoints in it."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("ready "):
            return dict(part.split("=", 1) for part in line.removeprefix("ready ").split())
    pytest.fail(f"no ready line in: {''.join(lines)}")


def rest_of(process: subprocess.Popen[str]) -> str:
    """Read what it says until its end."""
    assert process.stdout is not None
    rest = process.stdout.read()
    process.wait()
    return rest


def worker_of(process: subprocess.Popen[str]) -> psutil.Process:
    (worker,) = (child for child in psutil.Process(process.pid).children() if "worker" in child.cmdline())
    return worker


def payments_in(dsn: str) -> int:
    async def count() -> int:
        connection = await asyncpg.connect(dsn)
        try:
            return int(await connection.fetchval("SELECT count(*) FROM payment_transactions"))
        finally:
            await connection.close()

    return asyncio.run(count())


def test_a_demo_prints_ready_and_status_lines_and_the_next_run_goes_on(data_dir: Path) -> None:
    with started(data_dir, "--demo", "200", "--duration", "10") as first:
        endpoints = until_ready(first)
        rest = rest_of(first)
    assert first.returncode == Exit.OK
    assert endpoints["data"] == str(data_dir)
    status = [line for line in rest.splitlines() if STATUS.match(line)]
    assert status
    assert " apply=" in status[-1]
    assert rest.endswith("Stopped\n")

    with started(data_dir) as second:
        endpoints = until_ready(second)
        assert payments_in(endpoints["postgresql"]) > 0
        second.send_signal(signal.SIGTERM)
        rest_of(second)
    assert second.returncode == Exit.OK


def test_after_a_kill_the_next_run_starts_and_nothing_of_the_first_is_left(data_dir: Path) -> None:
    with started(data_dir) as first:
        until_ready(first)
        children = psutil.Process(first.pid).children(recursive=True)
        first.kill()
        first.wait()
        _, alive = psutil.wait_procs(children, timeout=60)
        assert all(child.status() == psutil.STATUS_ZOMBIE for child in alive)
    with started(data_dir) as second:
        until_ready(second)
        second.send_signal(signal.SIGINT)
        rest_of(second)
    assert second.returncode == Exit.OK


def test_a_worker_that_ends_by_itself_ends_the_run_and_is_named(data_dir: Path) -> None:
    with started(data_dir) as process:
        until_ready(process)
        worker_of(process).kill()
        said = rest_of(process)
    assert process.returncode == Exit.PART_ENDED
    assert "worker ended by itself" in said
    assert "Traceback" not in said


def test_a_second_interrupt_does_not_wait_for_a_worker_that_hangs(data_dir: Path) -> None:
    with started(data_dir) as process:
        until_ready(process)
        worker_of(process).suspend()
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Stopping"):
                break
        process.send_signal(signal.SIGINT)
        assert rest_of(process).endswith("Stopped\n")
    assert process.returncode == Exit.OK


def test_a_second_run_on_the_same_data_is_refused_with_the_first_ones_pid(data_dir: Path) -> None:
    with started(data_dir) as first:
        until_ready(first)
        with started(data_dir) as second:
            said = rest_of(second)
        assert second.returncode == Exit.UNREACHABLE
        assert f"in use by process {first.pid}" in said
        first.send_signal(signal.SIGINT)
        rest_of(first)
    assert first.returncode == Exit.OK


def test_the_first_run_makes_an_administrator_whom_the_api_lets_in(data_dir: Path) -> None:
    with started(data_dir) as first:
        url = until_ready(first)["console"]
        kept = data_dir / "admin-password"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        credentials = {"email": "admin@payflow.local", "password": kept.read_text().strip()}
        answer = httpx.post(f"{url}/api/v1/auth/login", json=credentials, timeout=30)
        assert answer.status_code == 200, answer.text
        assert answer.json()["user"]["role"] == "admin"
        token = answer.json()["access_token"]
        first.send_signal(signal.SIGTERM)
        said = rest_of(first)
    assert first.returncode == Exit.OK
    assert credentials["password"] not in said

    with started(data_dir) as second:
        url = until_ready(second)["console"]
        me = httpx.get(f"{url}/api/v1/users/me", headers={"authorization": f"Bearer {token}"}, timeout=30)
        assert me.status_code == 200, "the keys outlast the run, and so do sessions"
        second.send_signal(signal.SIGTERM)
        rest_of(second)
