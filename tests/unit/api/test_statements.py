"""A statement holds exactly the lines and parameters of what is asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from payflow.api.statements import Statement

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Statement:
    folder = tmp_path / "some_rows" / "sql"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "chosen.sql").write_text("    a = :a::text -- ?a\n    AND b IN (:b, :b) -- ?b\n")
    (folder / "rows.sql").write_text(
        "-- Rows.\nSELECT a::text\nFROM t\nWHERE\n-- include chosen\nORDER BY\n    a -- !backwards\n"
        "    a DESC -- ?backwards\nLIMIT :limit\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("some_rows", None)
    return Statement("some_rows", "rows")


def test_what_is_not_given_is_not_there(statement: Statement) -> None:
    text, parameters = statement.fill(a=None, b=2, limit=5)
    assert text == "SELECT a::text\nFROM t\nWHERE\n    AND b IN ($1, $1)\nORDER BY\n    a\nLIMIT $2"
    assert parameters == [2, 5]


def test_a_flag_chooses_lines_without_being_a_parameter(statement: Statement) -> None:
    text, parameters = statement.fill(a="x", backwards=True, limit=5)
    assert text == "SELECT a::text\nFROM t\nWHERE\n    a = $1::text\nORDER BY\n    a DESC\nLIMIT $2"
    assert parameters == ["x", 5]


def test_a_parameter_that_is_missing_is_named(statement: Statement) -> None:
    with pytest.raises(KeyError, match="limit"):
        statement.fill(a="x")
