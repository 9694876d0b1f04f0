"""How commands print: a table for people, JSON for programs."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import orjson
from cyclopts import Parameter

AsJson = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON instead of a table.")]
"""The `--json` of every command that prints a table."""


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")


def print_line(text: str) -> None:
    """Print one plain line at once, whatever standard output is."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
