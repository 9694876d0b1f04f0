"""Where figures go: a JSON file beside the other results of a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

import payflow


def results_path(name: str, out: Path | None) -> Path:
    """Give the file for a run: as told, else in the checkout's results, else in the working directory."""
    if out is not None:
        return out
    # `maturin develop` leaves the package in the checkout: <checkout>/python/payflow.
    checkout = Path(payflow.__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / "benchmarks").is_dir():
        return checkout / "benchmarks" / "results" / f"{name}.json"
    return Path.cwd() / f"{name}.json"


def write_result(path: Path, figures: dict[str, Any]) -> None:
    """Write the figures, indented, so that two runs can be compared line by line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
