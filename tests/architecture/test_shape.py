"""The shape that the code keeps: sizes, names, and which crate may know which."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
DRAWERS = {"utils", "util", "common", "helpers", "helper", "manager", "misc"}

# What each crate may depend on of ours; one that is not listed fails, so that it is placed on purpose.
CRATES = {
    "payflow-lifecycle": set(),
    "payflow-rules": set(),
    "payflow-idempotency": set(),
    "payflow-ledger": {"payflow-lifecycle"},
    "payflow-sqs": set(),
    "payflow-localsqs": set(),
    "payflow-python": {
        "payflow-idempotency",
        "payflow-ledger",
        "payflow-lifecycle",
        "payflow-localsqs",
        "payflow-rules",
        "payflow-sqs",
    },
}


def sources(*suffixes: str) -> list[Path]:
    folders = ("python", "rust", "tests", "benchmarks")
    return [
        path
        for folder in folders
        for suffix in suffixes
        for path in sorted((ROOT / folder).rglob(f"*{suffix}"))
    ]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_source_file_passes_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(".py", ".rs", ".sql")
        if (lines := len(path.read_text("utf-8").splitlines())) > FILE_LINES_MAX
    }
    assert long == {}


def test_no_python_function_passes_70_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in sources(".py")
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_no_module_is_a_drawer_without_a_name_of_its_own() -> None:
    drawers = [
        str(path.relative_to(ROOT))
        for path in sources(".py", ".rs")
        if DRAWERS & {part.removesuffix(path.suffix) for part in path.relative_to(ROOT).parts}
    ]
    assert drawers == []


def test_nothing_is_marked_as_unfinished() -> None:
    mark = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "unimple" + "mented!", "to" + "do!")))
    marked = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources(".py", ".rs", ".sql", ".lua")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if mark.search(line)
    ]
    assert marked == []


@pytest.mark.parametrize(
    "manifest", sorted((ROOT / "rust").glob("*/Cargo.toml")), ids=lambda p: p.parent.name
)
def test_a_crate_depends_only_on_what_lies_below_it(manifest: Path) -> None:
    crate = tomllib.loads(manifest.read_text("utf-8"))
    ours = {name for name in crate.get("dependencies", {}) if name.startswith("payflow-")}
    assert ours <= CRATES[crate["package"]["name"]]


def test_the_machine_knows_neither_python_nor_any_input_or_output() -> None:
    manifest = tomllib.loads((ROOT / "rust/lifecycle/Cargo.toml").read_text("utf-8"))
    assert manifest.get("dependencies", {}) == {}


def test_no_lock_file_names_a_registry_host() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert "http" not in re.sub(r"^\S*http\S*==.*$", "", text, flags=re.MULTILINE)
