"""What the docs say can be done, can be done."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
READ_TIMEOUT_S = 120


def commands_named() -> list[str]:
    """Every `payflow COMMAND [SUBCOMMAND]` in code of the docs."""
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    code = re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.DOTALL)
    named = re.findall(r"\bpayflow ([a-z][a-z-]+)(?: ([a-z]+)\b(?![./-]))?", "\n".join(code))
    groups = {"payment", "bench", "dlq", "parked", "queue", "fleet", "user"}
    return sorted({f"{command} {sub}" if command in groups and sub else command for command, sub in named})


def run(*arguments: str, data_dir: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PAYFLOW_")}
    if data_dir is not None:
        environment["PAYFLOW_DATA_DIR"] = str(data_dir)
    return subprocess.run(  # noqa: S603 - our own commands
        arguments,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=READ_TIMEOUT_S,
        check=False,
    )


@pytest.mark.parametrize("command", commands_named())
def test_every_command_that_the_docs_name_exists(command: str) -> None:
    done = run(sys.executable, "-m", "payflow", *command.split(), "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


def test_every_make_target_that_the_docs_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
    named = {
        target for page in PAGES for target in re.findall(r"(?:\$ |`)make ([a-z-]+)", page.read_text("utf-8"))
    }
    assert named <= targets


def test_every_link_in_the_docs_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert dead == []


@pytest.fixture
def running() -> Iterator[Path]:
    """The data directory of a `payflow up` with a small stream."""
    folder = Path(tempfile.mkdtemp(prefix="payflow-docs-"))
    folder.chmod(0o711)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PAYFLOW_")}
    environment |= {"PAYFLOW_EMBEDDED_SQS_PORT": "0", "PAYFLOW_API_PORT": "0"}
    arguments = ["up", "--demo", "50", "--data-dir", str(folder / "data")]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "payflow", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert any(line.startswith("ready ") for line in process.stdout)
            yield folder / "data"
        finally:
            process.terminate()
            process.wait(READ_TIMEOUT_S)
    shutil.rmtree(folder)


def test_the_tour_in_the_readme_runs_as_written(running: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    tour = readme.split("## Try it")[1].split("```console")[1].split("```")[0]
    said = []
    for line in tour.strip().splitlines():
        command = shlex.split(line.removeprefix("$ "))
        command[0] = str(Path(sys.executable).with_name(Path(command[0]).name))
        done = run(*command, data_dir=running)
        if command[1] == "payment":
            # The queue hands the events over when it likes: ask until the books have them.
            while done.returncode == 1:
                done = run(*command, data_dir=running)
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        said.append(done.stdout)
    assert "sent 5" in said[0]
    assert "pay_example_1" in said[1]
    assert "premature" in said[1]
    assert "The books follow from the trail" in said[2]
