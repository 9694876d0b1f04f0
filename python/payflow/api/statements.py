"""Statements that depend on what a call asks for, written as SQL in files of their own.

A line that ends in `-- ?name` is there when `name` is given, one that ends in `-- !name` when it is not.
`:name` is a parameter, and `-- include other` stands for the lines of another file. PostgreSQL plans exactly
the filters that are in force.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any, Final

__all__ = ["Statement"]

_INCLUDE: Final = re.compile(r"^\s*-- include (?P<name>[a-z_]+)$")
_CONDITION: Final = re.compile(r"^(?P<line>.*?)\s*-- (?P<kind>[?!])(?P<name>[a-z_]+)$")
_PARAMETER: Final = re.compile(r"(?<![:\w]):([a-z_]+)\b")


class Statement:
    """One file of SQL.

    Args:
        package: the package that has it in its folder `sql`.
        name: the file's name without `.sql`.

    """

    def __init__(self, package: str, name: str) -> None:
        self._lines = _lines(package, name)
        self._filled: dict[frozenset[str], tuple[str, tuple[str, ...]]] = {}

    def fill(self, **given: Any) -> tuple[str, list[Any]]:
        """Give the text and its parameters; what is None is not given.

        Raises:
            KeyError: the text needs a parameter that is not given.

        """
        names = frozenset(name for name, value in given.items() if value is not None)
        if names not in self._filled:
            self._filled[names] = self._fill(names)
        text, parameters = self._filled[names]
        return text, [given[name] for name in parameters]

    def _fill(self, names: frozenset[str]) -> tuple[str, tuple[str, ...]]:
        kept = []
        for line in self._lines:
            found = _CONDITION.match(line)
            if found is None:
                kept.append(line)
            elif (found["name"] in names) is (found["kind"] == "?"):
                kept.append(found["line"])
        order: dict[str, int] = {}

        def number(found: re.Match[str]) -> str:
            return f"${order.setdefault(found[1], len(order) + 1)}"

        text = _PARAMETER.sub(number, "\n".join(kept))
        missing = sorted(order.keys() - names)
        if missing:
            raise KeyError(f"parameters not given: {', '.join(missing)}")
        return text, tuple(order)


def _lines(package: str, name: str) -> list[str]:
    lines: list[str] = []
    for line in (files(package) / "sql" / f"{name}.sql").read_text().splitlines():
        included = _INCLUDE.match(line)
        if included is not None:
            lines += _lines(package, included["name"])
        elif not line.lstrip().startswith("--"):
            lines.append(line)
    return lines
